"""No two places of one page answer to the same keys."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from portal.web.nav import FACES, HELP, Place
from tests.architecture.source import ROOT, files

# Keys of every list, and of every page, which static/js/keyboard.js knows by itself.
LIST_KEYS = {"j", "k", "x", "X", "c", "."}
PAGE_KEYS = {"?"}
_DECLARED = re.compile(r'data-shortcut="([^"{]+)"')
# Frames around every page: what they declare is taken everywhere.
_FRAMES = ("base.html", "shell.html", "components/topbar.html", "components/footer.html")


def conflicts(declared: Iterable[str], *, lists: bool = True) -> list[str]:
    """Keys that are taken twice, or that begin another pair and would act too early."""
    keys = list(declared)
    taken = PAGE_KEYS | (LIST_KEYS if lists else set())
    found = [f"{key} is declared {count} times" for key, count in Counter(keys).items() if count > 1]
    found += [f"{key} belongs to every page or list" for key in sorted(set(keys) & taken)]
    firsts = {key.split(" ")[0] for key in keys if " " in key}
    return found + [f"{key} also begins a pair" for key in sorted(firsts & (set(keys) | taken))]


def _of_places(places: Iterable[Place]) -> Iterator[str]:
    for place in places:
        if place.shortcut:
            yield place.shortcut
        yield from _of_places(place.children)


def _of_templates(*names: str) -> list[str]:
    folder = ROOT / "templates"
    return [key for name in names for key in _DECLARED.findall((folder / name).read_text(encoding="utf-8"))]


def _pages() -> list[str]:
    names = (name.removeprefix("templates/") for name, _ in files(ROOT) if name.startswith("templates/"))
    return [name for name in names if name not in _FRAMES]


@pytest.mark.parametrize("face", FACES)
def test_keys_of_a_face_do_not_meet(face: str) -> None:
    around = [*_of_places(FACES[face]), *_of_places(HELP), *_of_templates(*_FRAMES)]
    assert conflicts(around) == []


def test_keys_of_a_page_do_not_meet_those_around_it() -> None:
    around = {key for face in FACES.values() for key in _of_places(face)} | set(_of_templates(*_FRAMES))
    found = {page: conflicts([*around, *_of_templates(page)]) for page in _pages()}
    assert {page: meeting for page, meeting in found.items() if meeting} == {}


@pytest.mark.parametrize("declared", [["f", "f"], ["g t", "g t"], ["g", "g t"], ["j"], ["?"], ["x y"]])
def test_a_conflict_is_found(declared: list[str]) -> None:
    assert len(conflicts(declared)) == 1
