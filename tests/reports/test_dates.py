"""Times as people read them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation

from reports import dates

NOON = datetime(2026, 11, 20, 13, 32, tzinfo=UTC)


def test_a_moment_is_shown_in_the_zone_and_machine_readable_in_utc():
    html = Template("{% datetime at zone %}").render(Context({"at": NOON, "zone": "Europe/Paris"}))
    assert html == '<time datetime="2026-11-20T13:32:00Z">20 Nov 2026, 14:32</time>'


def test_the_pages_zone_is_used_when_the_tag_names_none():
    html = Template("{% datetime at %}").render(Context({"at": NOON, "zone": ZoneInfo("Asia/Tokyo")}))
    assert "20 Nov 2026, 22:32" in html


def test_without_any_zone_it_is_utc():
    assert dates.datetime_text(NOON) == "20 Nov 2026, 13:32"


def test_seconds_on_request():
    assert dates.datetime_text(NOON, seconds=True) == "20 Nov 2026, 13:32:00"


def test_september_has_three_letters():
    assert dates.day_text(date(2026, 9, 1)) == "1 Sep 2026"


def test_a_day_is_the_day_of_the_zone():
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert dates.day_text(late, "Europe/Paris") == "21 Nov 2026"
    assert dates.day_text(date(2026, 11, 20), "Pacific/Auckland") == "20 Nov 2026"


def test_a_deadline_names_both_zones_and_the_distance():
    due = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    assert (
        dates.deadline_text(due, "Europe/Paris", NOON)
        == "Fri 27 Nov 2026, 23:59 UTC · Sat 28 Nov, 00:59 Paris · 7 days left"
    )


def test_a_deadline_in_a_utc_zone_is_not_written_twice():
    due = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    assert dates.deadline_text(due, "Africa/Abidjan", NOON) == "Fri 27 Nov 2026, 23:59 UTC · 7 days left"


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(0), "past due"),
        (-timedelta(days=3), "past due"),
        (timedelta(seconds=59), "0 minutes left"),
        (timedelta(minutes=1), "1 minute left"),
        (timedelta(minutes=59), "59 minutes left"),
        (timedelta(hours=1), "1 hour left"),
        (timedelta(hours=47, minutes=59), "47 hours left"),
        (timedelta(days=2), "2 days left"),
    ],
)
def test_what_is_left_is_rounded_down(left, text):
    assert dates.left_text(NOON + left, NOON) == text


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_how_long_ago(gone, text):
    assert dates.ago_text(NOON - gone, NOON) == text


def test_relative_words_keep_the_absolute_time_beside_them(time_machine):
    time_machine.move_to(NOON, tick=False)
    html = Template("{% ago at %}").render(Context({"at": NOON - timedelta(minutes=5), "zone": "Europe/Paris"}))
    assert html == '<time datetime="2026-11-20T13:27:00Z" title="20 Nov 2026, 14:27">5 min ago</time>'


def test_nothing_known_is_a_dash():
    for tag in ("datetime", "date", "deadline", "ago"):
        assert "not available" in Template(f"{{% {tag} at %}}").render(Context({"at": None}))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 20), 24)]
)
def test_days_of_a_clock_change_are_shorter_or_longer(day, hours):
    assert dates.hours_of_day(day, "Europe/Paris") == hours


def test_clock_changes_move_the_wall_clock_not_the_moment():
    assert dates.datetime_text(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Paris") == "25 Oct 2026, 02:30"
    assert dates.datetime_text(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Paris") == "25 Oct 2026, 02:30"
    assert dates.iso_utc(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))) == "2026-10-25T00:30:00Z"


def test_months_are_in_the_language_of_the_page():
    with translation.override("fr"):
        assert dates.day_text(date(2026, 11, 20)) == "20 nov. 2026"


def test_a_deadline_is_in_the_language_of_the_page():
    due, now = datetime(2026, 11, 27, 23, 59, tzinfo=UTC), datetime(2026, 11, 20, 13, 32, tzinfo=UTC)
    with translation.override("fr"):
        assert dates.datetime_text(now, "Europe/Paris") == "20 nov. 2026, 14:32"
        assert dates.deadline_text(due, "Europe/Paris", now) == (
            "ven. 27 nov. 2026, 23:59 UTC · sam. 28 nov., 00:59 Paris · 7 jours restants"
        )
