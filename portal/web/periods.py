"""Periods of a list: days of the zone that the page is read in, whatever their length."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.figures.places import day_start
from reports.dates import datetime_text, day_text

CUSTOM = "custom"
PRESETS: dict[str, str | Promise] = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "last-7-days": _("Last 7 days"),
    "last-30-days": _("Last 30 days"),
    "this-month": _("This month"),
    "last-month": _("Last month"),
}
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` up to, but not including, ``until``, both UTC; None where it is open. ``text`` is for people."""

    since: datetime | None
    until: datetime | None
    text: str


def preset_period(name: str, *, today: date, zone: tzinfo) -> Period:
    """Raises KeyError for a name that is no preset."""
    month = today.replace(day=1)
    first, last = {
        "today": (today, today),
        "yesterday": (today - _DAY, today - _DAY),
        "last-7-days": (today - 6 * _DAY, today),
        "last-30-days": (today - 29 * _DAY, today),
        "this-month": (month, today),
        "last-month": ((month - _DAY).replace(day=1), month - _DAY),
    }[name]
    return Period(day_start(first, zone), day_start(last + _DAY, zone), days_text(first, last))


def custom_period(
    first: date | None,
    last: date | None,
    *,
    zone: tzinfo,
    first_time: time | None = None,
    last_time: time | None = None,
) -> Period:
    """Whole days, both included; a time narrows its day, and ``last_time`` includes its minute."""
    since = _moment(first, first_time, zone) if first else None
    if last is None:
        until = None
    elif last_time is None:
        until = day_start(last + _DAY, zone)
    else:
        # A minute that comes twice, when clocks go back, is included both times.
        until = max(_moment(last, last_time.replace(fold=fold), zone) for fold in (0, 1)) + timedelta(minutes=1)
    if first and last and not first_time and not last_time:
        return Period(since, until, days_text(first, last))
    begins = _text(first, first_time, zone)
    ends = _text(last, last_time, zone)
    return Period(since, until, f"{begins} – {ends}" if begins and ends else f"{begins} –" if begins else f"– {ends}")


def whole_days(period: Period, zone: tzinfo) -> tuple[date | None, date | None] | None:
    """The first and the last day of a period, None where it is open; None for one that cuts a day."""
    first = period.since.astimezone(zone).date() if period.since else None
    last = (period.until - _MOMENT).astimezone(zone).date() if period.until else None
    if (first and day_start(first, zone) != period.since) or (last and day_start(last + _DAY, zone) != period.until):
        return None
    return first, last


def days_text(first: date, last: date) -> str:
    """``14 – 20 Nov 2026``, without repeating what both days share."""
    if first == last:
        return day_text(last)
    begins, ends = day_text(first), day_text(last)
    if first.year == last.year:
        begins = begins.removesuffix(f" {first.year}")
        if first.month == last.month and ends.startswith(f"{last.day} ") and begins.startswith(f"{first.day} "):
            begins = str(first.day)
    return f"{begins} – {ends}"


def _moment(day: date, at: time | None, zone: tzinfo) -> datetime:
    return datetime.combine(day, at or time(), zone).astimezone(UTC)


def _text(day: date | None, at: time | None, zone: tzinfo) -> str:
    if day is None:
        return ""
    return datetime_text(_moment(day, at, zone), zone) if at else day_text(day)
