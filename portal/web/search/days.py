"""Days as people write them: ``yesterday``, ``last-week``, ``2026-11``, ``20 Nov``, ``>2026-11-01``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.web.periods import EARLIEST, LATEST, PRESETS

_DAY = timedelta(days=1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST_DAYS = re.compile(r"last-(\d{1,4})-days?", re.ASCII)
_NUMBERS = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_NAMED = re.compile(r"(?:(\d{1,2})-)?([a-z]{3,9})(?:-(\d{4}))?", re.ASCII)
_COMPARED = re.compile(r"(>=|<=|>|<)\s*(.+)")


class DayMalformed(ValueError):
    """Text that names no day or period."""


@dataclass(frozen=True, slots=True)
class Days:
    """Both included; None where it is open. ``preset`` names the period where lists offer it by a name."""

    first: date | None
    last: date | None
    preset: str = ""


def read_days(text: str, *, today: date) -> Days:
    """Raises DayMalformed. Without a year the newest such day is meant that has begun."""
    asked = re.sub(r"[\s_]+", "-", text.strip().lower())
    compared = _COMPARED.fullmatch(text.strip())
    if compared:
        found = read_days(compared[2], today=today)
        return _beyond(compared[1], found)
    begin, dots, end = text.partition("..")
    if dots:
        low = read_days(begin, today=today).first if begin.strip() else None
        high = read_days(end, today=today).last if end.strip() else None
        if low is None and high is None:
            raise DayMalformed(text)
        return Days(low, high)
    try:
        first, last = _named_period(asked, today) or _written(asked, today)
    except (ValueError, OverflowError) as error:
        raise DayMalformed(text) from error
    if first < EARLIEST or last > LATEST:
        raise DayMalformed(text)
    return Days(first, last, asked if asked in PRESETS else "")


def _beyond(sign: str, days: Days) -> Days:
    if days.first is None or days.last is None:
        raise DayMalformed("a comparison with a comparison")
    return {
        ">": Days(days.last + _DAY, None),
        ">=": Days(days.first, None),
        "<": Days(None, days.first - _DAY),
        "<=": Days(None, days.last),
    }[sign]


def _named_period(asked: str, today: date) -> tuple[date, date] | None:
    month, year, monday = today.replace(day=1), today.replace(month=1, day=1), today - today.weekday() * _DAY
    named: dict[str, Callable[[], tuple[date, date]]] = {
        "today": lambda: (today, today),
        "yesterday": lambda: (today - _DAY, today - _DAY),
        "this-week": lambda: (monday, today),
        "last-week": lambda: (monday - 7 * _DAY, monday - _DAY),
        "this-month": lambda: (month, today),
        "last-month": lambda: ((month - _DAY).replace(day=1), month - _DAY),
        "this-year": lambda: (year, today),
        "last-year": lambda: (year.replace(year=year.year - 1), year - _DAY),
    }
    if asked in named:
        return named[asked]()
    days = _LAST_DAYS.fullmatch(asked)
    return (today - (int(days[1]) - 1) * _DAY, today) if days and int(days[1]) else None


def _written(asked: str, today: date) -> tuple[date, date]:
    """By numbers or with a month's name. Raises ValueError."""
    if match := _NUMBERS.fullmatch(asked):
        return _span(int(match[1]), *(int(part) if part else None for part in match.groups()[1:]))
    if match := _DOTTED.fullmatch(asked):
        return _span(int(match[3]), int(match[2]), int(match[1]))
    match = _NAMED.fullmatch(asked)
    if match is None or match[2][:3] not in _MONTHS:
        raise ValueError(asked)
    day, month = int(match[1]) if match[1] else None, _MONTHS.index(match[2][:3]) + 1
    if match[3]:
        return _span(int(match[3]), month, day)
    # 29 Feb was up to eight years ago.
    for year in range(today.year, today.year - 9, -1):
        try:
            first, last = _span(year, month, day)
        except ValueError:
            continue
        if first <= today:
            return first, last
    raise ValueError(asked)


def _span(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date]:
    first = date(year, month or 1, day or 1)
    if day:
        return first, first
    if month:
        return first, (first + 31 * _DAY).replace(day=1) - _DAY
    return first, date(year, 12, 31)
