"""What a view keeps of an address, and reads out of it later."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.merchant.saved_views.place import LISTINGS
from portal.merchant.transactions.listing import TransactionListing
from portal.web.query_string import ListAddress
from portal.web.saved_views.known import known_query, stored_query

NAMES = (*TransactionListing.filters_type.list_names(), "colour", "page", "csrfmiddlewaretoken")
PAIRS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(st.text(max_size=12), st.sampled_from(["failed", "fee", "-amount"]))),
    max_size=12,
)


def stored(query: str, kind: str = "transactions") -> str:
    return stored_query(ListAddress("/x/", QueryDict(query), LISTINGS[kind].filters_type.list_names()))


@given(PAIRS)
@settings(deadline=None)
def test_storing_what_was_stored_changes_nothing(pairs):
    once = stored(urlencode(pairs))
    assert stored(once) == once


@given(PAIRS, st.randoms())
@settings(deadline=None)
def test_the_same_filters_are_stored_alike_in_whatever_order(pairs, chance):
    by_name: dict[str, list[str]] = {}
    for name, value in pairs:
        by_name.setdefault(name, []).append(value)
    names = list(by_name)
    chance.shuffle(names)
    turned = [(name, value) for name in names for value in reversed(by_name[name])]
    assert stored(urlencode(turned)) == stored(urlencode(pairs))


@pytest.mark.parametrize("kind", LISTINGS)
@given(pairs=PAIRS)
def test_an_opened_view_is_one_that_could_have_been_stored(kind, pairs):
    known = known_query(LISTINGS[kind], urlencode(pairs))
    assert stored(known.query, kind) == known.query
    assert known_query(LISTINGS[kind], known.query) == type(known)(known.query, ())


def test_neither_page_nor_view_nor_the_totals_below_are_kept():
    asked = "status=failed&totals=shown&size=50&view=viw_1&cursor=n.2.x&colour=red"
    assert stored(asked) == "status=failed&size=50"


def test_what_a_list_does_not_know_any_more_is_left_out_and_named():
    known = known_query(
        TransactionListing, "status=failed&status=burnt&colour=red&columns=fee&columns=smell&sort=-size&last4=4242"
    )
    assert known.query == "status=failed&last4=4242&columns=fee"
    assert known.left_out == ("status", "colour", "columns", "sort")
