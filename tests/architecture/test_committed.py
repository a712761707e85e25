"""Nothing in the project names the machine that it was made on or the mirror that it was installed from."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, write

# In pieces, so that this file does not find itself.
_HOSTS = "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "proxy\\.go" + r"lang\.org"))
_OPTIONS = "--(extra-)?" + "index-url|--trusted" + "-host|--find" + "-links"
_FOLDERS = "|".join((r"(?<![\w.-])/" + "work/", r"(?<![\w.-])/" + r"root/\S", "/" + r"home/\w+/"))
FORBIDDEN = re.compile(f"{_HOSTS}|{_OPTIONS}|{_FOLDERS}")
_BINARY = {".mo", ".png", ".ico", ".woff2", ".pdf", ".gz", ".pyc"}


def given_away(root: Path) -> list[str]:
    found = []
    for name, path in files(root):
        if path.suffix not in _BINARY:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                found += [f"{name}:{number} {match[0]}" for match in FORBIDDEN.finditer(line)]
    return found


def test_no_machine_or_mirror_is_named() -> None:
    assert given_away(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "--index" + "-url https://example.org/simple",
        "https://files.python" + "hosted.org/packages/x.whl",
        'DATA = "/wo' + 'rk/main/.data"',
        "see /ro" + "ot/.cache",
        "/ho" + "me/somebody/project",
    ],
)
def test_a_name_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "docs/operations.md", f"# Operations\n{text}\n")
    assert len(given_away(tmp_path)) == 1
