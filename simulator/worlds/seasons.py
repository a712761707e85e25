"""When orders come: by month, weekday and hour of where the merchant is, and some days are simply better."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from simulator.chance import Chance
from simulator.worlds.draws import between
from simulator.worlds.profile import Profile

HOUR = 3600
# What a day's luck does to it, in hundredths.
_WORST, _BEST = 78, 122


def arrivals(profile: Profile, chance: Chance, start: int, end: int, count: int | None = None) -> list[int]:
    """The times of orders from ``start`` to before ``end``, in order; ``count`` of them, or what the profile has."""
    begins, weights = _hours(profile, chance, start, end)
    if not begins:
        return []
    sums = list(accumulate(weights))
    wanted = _usual(profile, sums[-1]) if count is None else count
    times: list[int] = []
    while len(times) < wanted:
        begin = begins[bisect_right(sums, chance.below("orders.hour", sums[-1]))]
        at = begin + chance.below("orders.second", HOUR)
        # The first and the last hour may be only in part inside.
        if start <= at < end:
            times.append(at)
    return sorted(times)


def _hours(profile: Profile, chance: Chance, start: int, end: int) -> tuple[list[int], list[int]]:
    """Every hour of the time asked for, in UTC, and its weight."""
    zone = ZoneInfo(profile.zone)
    day, last = _local(start, zone), _local(end - 1, zone)
    begins, weights = [], []
    while day <= last:
        luck = between(chance, "orders.luck", _WORST, _BEST)
        of_day = profile.months[day.month - 1] * profile.weekdays[day.weekday()] * luck
        for hour, weight in enumerate(profile.hours):
            begin = int(datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp())
            if begin + HOUR > start and begin < end:
                begins.append(begin)
                weights.append(of_day * weight)
        day += timedelta(days=1)
    return begins, weights


def _usual(profile: Profile, weight: int) -> int:
    average = sum(profile.months) * sum(profile.weekdays) * sum(profile.hours) * (_WORST + _BEST)
    return max(1, profile.daily * weight * 12 * 7 * 2 // average)


def _local(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()
