"""Cursors say where a page begins, and nothing that nobody gave out is believed."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import BadRequest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.pagination import Cursor, Order, page_size, parse_cursor, write_cursor

ORDER = Order(("created_at", "name", "id"), ("moment", "text", "number"))
moments = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
numbers = st.integers(-(2**63) + 1, 2**63 - 1)


@given(st.booleans(), st.integers(1, 10**6), moments, texts, numbers)
def test_a_cursor_reads_back_as_it_was_written(forward, number, moment, text, pk):
    cursor = Cursor(forward, number, (moment, text, pk))
    assert parse_cursor(write_cursor(cursor, ORDER), ORDER) == cursor


@given(st.text(min_size=1))
def test_anything_else_is_refused_or_a_cursor(text):
    try:
        cursor = parse_cursor(text, ORDER)
    except BadRequest:
        return
    assert cursor is not None
    assert isinstance(cursor.key[0], datetime)


@pytest.mark.parametrize(
    "text",
    [
        *("n", "n.1", "n.1.2.3", "x.1.0.YQ.1", "n.one.0.YQ.1", "n.1.0.YQ.1.1", "n.1.0.!.1", "n.1.0.AA.1"),
        *(
            "n.1.99999999999999999999.YQ.1",
            "n.1.9223372036854775807.YQ.1",
            "n.1.0.YQ.9223372036854775808",
            "n.1.0.gA.1",
        ),
    ],
)
def test_refused(text):
    with pytest.raises(BadRequest):
        parse_cursor(text, ORDER)


def test_no_cursor_is_the_first_page():
    assert parse_cursor("", ORDER) is None


@pytest.mark.parametrize(("text", "size"), [("", 25), ("25", 25), ("50", 50), ("100", 100), ("1000", 25), ("x", 25)])
def test_only_offered_sizes_are_served(text, size):
    assert page_size(text) == size
