"""Where a moment counts: a day of a zone, and an hour of that day."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = 900
_HOUR = timedelta(hours=1)


def day_start(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day there, in UTC. Where the clock skips midnight, that is when the clock jumps."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def hour_start(day: date, hour: int, zone: tzinfo) -> datetime:
    """When an hour of the day begins, in UTC: so many hours after the day's first moment."""
    return day_start(day, zone) + hour * _HOUR


def hour_of(at: datetime, day: date, zone: tzinfo) -> int:
    """Whole hours that passed between the first moment of ``day`` and ``at``."""
    return (at - day_start(day, zone)) // _HOUR


def quarter_of(at: datetime) -> int:
    """The quarter of an hour since 1970."""
    return int(at.timestamp() // QUARTER)


# A batch is full of moments of few days. Clocks of this age are set to whole quarters, and at whole quarters.
@lru_cache(maxsize=65_536)
def place(timezone: str, quarter: int) -> tuple[date, int]:
    """Day and hour of what happens in that quarter of an hour."""
    zone, at = ZoneInfo(timezone), datetime.fromtimestamp(quarter * QUARTER, UTC)
    day = at.astimezone(zone).date()
    return day, hour_of(at, day, zone)
