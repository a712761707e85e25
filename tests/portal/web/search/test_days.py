"""Days as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.search.days import DayMalformed, read_days

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("Yesterday", "2026-11-19", "2026-11-19"),
        ("this-week", "2026-11-16", "2026-11-20"),
        ("last week", "2026-11-09", "2026-11-15"),
        ("last-month", "2026-10-01", "2026-10-31"),
        ("this_year", "2026-01-01", "2026-11-20"),
        ("last-year", "2025-01-01", "2025-12-31"),
        ("last-7-days", "2026-11-14", "2026-11-20"),
        ("last-1-day", "2026-11-20", "2026-11-20"),
        ("2026-11-20", "2026-11-20", "2026-11-20"),
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("20.11.2026", "2026-11-20", "2026-11-20"),
        ("20 Nov", "2026-11-20", "2026-11-20"),
        ("21 Nov", "2025-11-21", "2025-11-21"),
        ("29-feb", "2024-02-29", "2024-02-29"),
        ("20 November 2025", "2025-11-20", "2025-11-20"),
        ("nov", "2026-11-01", "2026-11-30"),
        ("Dec", "2025-12-01", "2025-12-31"),
        ("Nov 2024", "2024-11-01", "2024-11-30"),
        (">2026-11", "2026-12-01", None),
        (">=2026-11", "2026-11-01", None),
        ("<2026-11", None, "2026-10-31"),
        ("<= 2026-11", None, "2026-11-30"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-15"),
        ("2026-11-01..", "2026-11-01", None),
        ("..yesterday", None, "2026-11-19"),
    ],
)
def test_days(text, first, last):
    found = read_days(text, today=FRIDAY)
    assert (found.first, found.last) == (first and date.fromisoformat(first), last and date.fromisoformat(last))


def test_a_period_that_lists_offer_keeps_its_name():
    assert read_days("last-7-days", today=FRIDAY).preset == "last-7-days"
    assert read_days("last-week", today=FRIDAY).preset == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13",
        "2026-02-30",
        "31 Nov",
        "1999-12-31",
        "2101",
        "20/11/2026",
        "..",
        ">",
        ">>2026",
        "last-0-days",
    ],
)
def test_what_names_no_day_is_refused(text):
    with pytest.raises(DayMalformed):
        read_days(text, today=FRIDAY)


@given(st.text(max_size=30))
def test_no_text_makes_it_fail_otherwise(text):
    try:
        found = read_days(text, today=FRIDAY)
    except DayMalformed:
        return
    assert found.first is not None or found.last is not None
