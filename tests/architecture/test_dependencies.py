"""Dependencies: each with a reason, none older than what is known to be safe."""

import re
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from tests.architecture.source import ROOT

# Below these stand known holes (or, for stripe, another interface); see the comments in pyproject.toml.
MINIMUM = {
    "django": (5, 2, 19),
    "django-allauth": (65, 21),
    "weasyprint": (70,),
    "stripe": (16,),
    "django-otp": (1, 7),
    "cryptography": (45,),
}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
_ENTRY = re.compile(r'^\s+"([A-Za-z0-9._-]+)')


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:4])


def too_old(versions: dict[str, str]) -> list[str]:
    return [
        f"{name} {versions.get(name, 'is missing')}"
        for name, least in MINIMUM.items()
        if numbers(versions.get(name, "0")) < least
    ]


def unexplained(lines: list[str]) -> Iterator[str]:
    """Entries of the dependency lists without a comment in the line above."""
    inside = False
    for before, line in zip(["", *lines], lines, strict=False):
        if re.match(r"^(dependencies|[a-z-]+) = \[$", line):
            inside = True
        elif line.startswith("]"):
            inside = False
        entry = _ENTRY.match(line)
        if inside and entry and not before.lstrip().startswith("#"):
            yield entry[1]


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_locked_versions_are_safe(lock: str) -> None:
    pins = {name.lower(): pin for name, pin in _PIN.findall((ROOT / lock).read_text())}
    assert too_old(pins) == []
    assert numbers(pins["django"]) < (5, 3)


def test_installed_versions_are_safe() -> None:
    assert too_old({name: version(name) for name in MINIMUM}) == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_file_has_its_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text())
    assert [entry.split("==")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert list(unexplained(text.partition("[tool.")[0].splitlines())) == []


def test_old_and_unexplained_dependencies_are_found() -> None:
    fine = {name: ".".join(map(str, least)) for name, least in MINIMUM.items()}
    assert too_old(fine) == []
    assert too_old({**fine, "weasyprint": "69.9", "django": "5.2.9"}) == ["django 5.2.9", "weasyprint 69.9"]
    lines = ["dependencies = [", "    # Why.", '    "django>=5",', '    "mystery>=1",', "]"]
    assert list(unexplained(lines)) == ["mystery"]
