"""When payouts are made, and when they arrive. All days are UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SATURDAY = 5
# Payouts are made at one in the morning, an hour after what became available that day.
_HOUR = 1


def next_run(now: int) -> int:
    """The next time at which payouts are made, though not on every account."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=_HOUR, minute=0, second=0)
    at = int(today.timestamp())
    return at if at > now else int((today + timedelta(days=1)).timestamp())


def is_payday(schedule: dict[str, Any], now: int) -> bool:
    """Whether an account with this schedule is paid out on this day."""
    day = datetime.fromtimestamp(now, UTC)
    match schedule["interval"]:
        case "daily":
            return day.weekday() < _SATURDAY
        case "weekly":
            return _DAYS[day.weekday()] in (schedule.get("weekly_payout_days") or [schedule["weekly_anchor"]])
        case "monthly":
            last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            wanted = schedule.get("monthly_payout_days") or [schedule["monthly_anchor"]]
            return day.day in {min(number, last.day) for number in wanted}
    return False


def completed(schedule: dict[str, Any]) -> dict[str, Any]:
    """A schedule with the anchors that its interval needs, and no others."""
    interval = schedule["interval"]
    delay = schedule.get("delay_days", 2)
    kept: dict[str, Any] = {"delay_days": 2 if delay == "minimum" else delay, "interval": interval}
    if interval == "weekly":
        days = schedule.get("weekly_payout_days") or [schedule.get("weekly_anchor") or "monday"]
        kept |= {"weekly_anchor": days[0], "weekly_payout_days": days}
    elif interval == "monthly":
        numbers = schedule.get("monthly_payout_days") or [schedule.get("monthly_anchor") or 1]
        kept |= {"monthly_anchor": numbers[0], "monthly_payout_days": numbers}
    return kept


def next_business_day(now: int) -> int:
    """The beginning of the next day on which banks work."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return int(day.timestamp())
