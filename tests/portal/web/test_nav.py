"""The rail shows where one is on every page."""

import pytest

from portal.access.policy import POLICY
from portal.web.nav import MERCHANT, OPS


def names_in(places):
    for place in places:
        yield from place.names
        yield from names_in(place.children)


@pytest.mark.parametrize(("face", "places"), [("merchant", MERCHANT), ("ops", OPS)])
def test_every_page_has_its_place(face, places):
    pages = {name for name in POLICY if name.startswith(f"{face}:") and not name.endswith("_panel")}
    assert pages - set(names_in(places)) == set()
