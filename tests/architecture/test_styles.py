"""A class is styled in one file: of two definitions the one that happens to be loaded later would win."""

import re
from collections import defaultdict

from tests.architecture.source import ROOT

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Not within parentheses: those of :is(td, th).
_COMMA = re.compile(r",(?![^()]*\))")
_PART = re.compile(r"[^{}]*[{}]")


def selectors(text: str) -> list[str]:
    """Those of rules that hold always, outside of any condition."""
    found, depth = [], 0
    for part in _PART.findall(_COMMENT.sub("", text)):
        if part.endswith("{"):
            head = " ".join(part[:-1].rpartition(";")[2].split())
            if not depth and not head.startswith("@"):
                found += [each.strip() for each in _COMMA.split(head)]
        depth += 1 if part.endswith("{") else -1
    return found


def test_no_selector_is_styled_in_two_files():
    homes = defaultdict(set)
    for path in (ROOT / "static/css").glob("*.css"):
        for selector in selectors(path.read_text()):
            homes[selector].add(path.name)
    assert len(homes) > 200
    assert {selector: names for selector, names in homes.items() if len(names) > 1} == {}
