"""Style sheets say start and end, so that a page mirrors itself; what stays is named with its reason."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, write

_PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)\b|(?:left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b|border-(?:top|bottom)-(?:left|right)-radius)"
)
# Digits end on one line, raw data and code are read from left to right, and names keep their beginning.
_MEANT = {
    ".cf-num {",
    ".cf-table thead th.cf-num-money {",
    ".cf-panel .cf-table thead th.cf-num-money:last-child {",
    ".cf-code, .cf-code-box {",
    ".cf-numbered > span::before {",
    '[dir="rtl"] .cf-cut {',
}


def physical(root: Path) -> list[str]:
    found = []
    for name, path in files(root):
        if name.startswith("static/css/"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if _PHYSICAL.search(line) and not line.lstrip().startswith(tuple(_MEANT)):
                    found.append(f"{name}:{number} {line.strip()}")
    return found


def test_style_sheets_know_no_left_and_right() -> None:
    assert physical(ROOT) == []


@pytest.mark.parametrize(
    "rule",
    [
        "margin-left: 4px",
        "padding-right: 0",
        "left: 0",
        "text-align: left",
        "float: right",
        "border-top-left-radius: 2px",
    ],
)
def test_a_side_is_found(tmp_path: Path, rule: str) -> None:
    write(tmp_path, "static/css/portal.css", f".cf-x {{ {rule}; }}")
    assert len(physical(tmp_path)) == 1


def test_start_and_end_are_no_sides(tmp_path: Path) -> None:
    write(tmp_path, "static/css/portal.css", ".cf-x { margin-inline-start: 4px; text-align: end; inset-inline-end: 0 }")
    assert physical(tmp_path) == []
