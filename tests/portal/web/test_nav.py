"""The rail shows where one is on every page."""

import pytest

from portal.access.policy import POLICY
from portal.web.nav import MERCHANT, OPS

# Parts of pages, which have their page's place.
PARTS = ("_panel", "_totals")
# The search stands in the bar over every page and has no place of its own.
EVERYWHERE = {f"{face}:{name}" for face in ("merchant", "ops") for name in ("search", "search_recent", "palette")}


def names_in(places):
    for place in places:
        yield from (name.partition(" ")[0] for name in place.names)
        yield from names_in(place.children)


@pytest.mark.parametrize(("face", "places"), [("merchant", MERCHANT), ("ops", OPS)])
def test_every_page_has_its_place(face, places):
    pages = {name for name in POLICY if name.startswith(f"{face}:") and not name.endswith(PARTS)}
    assert pages - EVERYWHERE - set(names_in(places)) == set()
