"""Days of a period are those of the zone, however long."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.web.periods import PRESETS, custom_period, day_start, days_text, preset_period, whole_days

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        # Clocks there skip midnight itself: the day begins at one.
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Africa/Nairobi", date(2026, 10, 25), 24),
    ],
)
def test_a_day_lasts_as_long_as_it_does_there(zone, day, hours):
    period = custom_period(day, day, zone=ZoneInfo(zone))
    assert period.until - period.since == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe"])
def test_whole_days_are_told_from_parts_of_them(zone):
    place, day = ZoneInfo(zone), date(2018, 1, 1)
    for _day in range(366):
        after = day + timedelta(days=9)
        assert whole_days(custom_period(day, after, zone=place), place) == (day, after)
        assert whole_days(custom_period(day, None, zone=place), place) == (day, None)
        assert whole_days(custom_period(None, day, zone=place), place) == (None, day)
        assert whole_days(custom_period(day, after, zone=place, last_time=time(14, 32)), place) is None
        assert whole_days(custom_period(day, after, zone=place, first_time=time(14, 32)), place) is None
        day += timedelta(days=1)


def test_days_join_without_gap_or_overlap():
    day = date(2026, 1, 1)
    for _day in range(366):
        one = custom_period(day, day, zone=PARIS)
        day += timedelta(days=1)
        assert one.until == day_start(day, PARIS)


def test_a_day_begins_when_the_clock_of_the_zone_says_so():
    assert day_start(date(2026, 7, 1), PARIS) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert day_start(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo")) == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", date(2026, 3, 1), date(2026, 3, 1)),
        ("yesterday", date(2026, 2, 28), date(2026, 2, 28)),
        ("last-7-days", date(2026, 2, 23), date(2026, 3, 1)),
        ("last-30-days", date(2026, 1, 31), date(2026, 3, 1)),
        ("this-month", date(2026, 3, 1), date(2026, 3, 1)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_presets(name, first, last):
    period = preset_period(name, today=date(2026, 3, 1), zone=PARIS)
    assert (period.since, period.until) == (day_start(first, PARIS), day_start(last + timedelta(days=1), PARIS))
    assert set(PRESETS) == {"today", "yesterday", "last-7-days", "last-30-days", "this-month", "last-month"}


def test_a_time_narrows_its_day_and_includes_its_minute():
    day = date(2026, 11, 20)
    period = custom_period(day, day, zone=PARIS, first_time=time(9, 30), last_time=time(9, 30))
    assert (period.since, period.until) == (
        datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
        datetime(2026, 11, 20, 8, 31, tzinfo=UTC),
    )
    assert period.text == "20 Nov 2026, 09:30 – 20 Nov 2026, 09:30"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 11, 14), date(2026, 11, 20), "14 – 20 Nov 2026"),
        (date(2026, 10, 24), date(2026, 11, 20), "24 Oct – 20 Nov 2026"),
        (date(2025, 12, 31), date(2026, 1, 1), "31 Dec 2025 – 1 Jan 2026"),
        (date(2026, 1, 1), date(2026, 1, 1), "1 Jan 2026"),
    ],
)
def test_days_are_written_without_repeating_themselves(first, last, text):
    assert days_text(first, last) == text


def test_an_open_end_stays_open():
    assert custom_period(date(2026, 1, 1), None, zone=PARIS).until is None
    assert custom_period(None, date(2026, 1, 1), zone=PARIS).since is None


def test_a_minute_that_comes_twice_is_included_both_times_and_one_that_never_comes_ends_late():
    back = custom_period(date(2026, 10, 25), date(2026, 10, 25), zone=PARIS, last_time=time(2, 30))
    assert back.until == datetime(2026, 10, 25, 1, 31, tzinfo=UTC)
    ahead = custom_period(date(2026, 3, 29), date(2026, 3, 29), zone=PARIS, last_time=time(2, 30))
    assert ahead.until == datetime(2026, 3, 29, 1, 31, tzinfo=UTC)
