"""The one formatter of times. Stored times are UTC; people read them in a merchant's zone, files in UTC."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from django.utils.translation import get_language, gettext, ngettext, to_locale

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_DAY_PATTERN = "d MMM y"


def zone_of(zone: tzinfo | str | None) -> tzinfo:
    """A zone given by name, as an object or not at all (UTC). Raises ZoneInfoNotFoundError for an unknown name."""
    if zone is None or zone == "":
        return UTC
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def iso_utc(value: datetime) -> str:
    """``2026-11-20T13:32:00Z``: what files and machine-readable attributes hold."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def datetime_text(value: datetime, zone: tzinfo | str | None = None, *, seconds: bool = False) -> str:
    """``20 Nov 2026, 14:32``, 24 hours, in the zone."""
    local = value.astimezone(zone_of(zone))
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{_day(local.date(), _DAY_PATTERN, _locale())}, {clock}"


def day_text(value: datetime | date, zone: tzinfo | str | None = None) -> str:
    """``20 Nov 2026``. A plain date has no zone and stays as it is."""
    if isinstance(value, datetime):
        value = value.astimezone(zone_of(zone)).date()
    return _day(value, _DAY_PATTERN, _locale())


def short_day_text(day: date) -> str:
    """``20 Nov``, where the year is clear."""
    return _day(day, "d MMM", _locale())


def weekday_text(day: date, *, year: bool = True) -> str:
    """``Fri 20 Nov 2026``."""
    return _day(day, "EEE d MMM y" if year else "EEE d MMM", _locale())


def deadline_text(due: datetime, zone: tzinfo | str | None, now: datetime) -> str:
    """``Fri 27 Nov 2026, 23:59 UTC · Sat 28 Nov, 00:59 Paris · 7 days left``: both zones named, then the distance."""
    parts = [_format(due.astimezone(UTC), "EEE d MMM y, HH:mm") + " UTC"]
    local = due.astimezone(zone_of(zone))
    if local.utcoffset() != timedelta():
        city = str(zone_of(zone)).rsplit("/", 1)[-1].replace("_", " ")
        parts.append(f"{_format(local, 'EEE d MMM, HH:mm')} {city}")
    parts.append(left_text(due, now))
    return " · ".join(parts)


def left_text(due: datetime, now: datetime) -> str:
    """How long until ``due``, rounded down; "past due" from the very moment on."""
    left = due - now
    if left <= timedelta():
        return gettext("past due")
    if left < _HOUR:
        minutes = left // _MINUTE
        return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}
    if left < 2 * _DAY:
        hours = left // _HOUR
        return ngettext("%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}
    return gettext("%(n)d days left") % {"n": left // _DAY}


def ago_text(value: datetime, now: datetime) -> str:
    """How long ago, rounded down; beside an absolute time, never instead of it."""
    gone = max(now - value, timedelta())
    if gone < _MINUTE:
        return gettext("just now")
    if gone < _HOUR:
        return gettext("%(n)d min ago") % {"n": gone // _MINUTE}
    if gone < 2 * _DAY:
        return gettext("%(n)d h ago") % {"n": gone // _HOUR}
    return gettext("%(n)d days ago") % {"n": gone // _DAY}


def hours_of_day(day: date, zone: tzinfo | str | None) -> int:
    """23, 24 or 25: the day of a zone's clock change is shorter or longer."""
    place = zone_of(zone)
    start = datetime(day.year, day.month, day.day, tzinfo=place)
    after = day + _DAY
    end = datetime(after.year, after.month, after.day, tzinfo=place)
    return int((end.astimezone(UTC) - start.astimezone(UTC)) / _HOUR)


@lru_cache(maxsize=2048)
def _day(day: date, pattern: str, locale: str) -> str:
    # A page of rows has few days, and Babel takes longer for one than the rest of its row.
    return babel_date(day, pattern, locale=locale)


def _format(local: datetime, pattern: str) -> str:
    # Babel converts aware datetimes to UTC again; the wall clock is what we want written.
    return babel_datetime(local.replace(tzinfo=None), pattern, locale=_locale())


def _locale() -> str:
    return _locale_of(get_language() or "en")


@lru_cache(maxsize=16)
def _locale_of(language: str) -> str:
    # British CLDR writes "Sept"; a column of dates wants three letters.
    if language.startswith("en"):
        return "en"
    try:
        return str(Locale.parse(to_locale(language)))
    except (UnknownLocaleError, ValueError):
        return "en"
