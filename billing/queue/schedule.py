"""Work that comes round by itself. Any number of sweepers may run; each round happens once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q

from billing import clock
from billing.queue.models import ScheduledWork


@dataclass(frozen=True, slots=True)
class Schedule:
    """``run`` is called about ``every``, counted from the last start; what it misses while stopped it does once."""

    name: str
    every: timedelta
    run: Callable[[], object]


_schedules: dict[str, Schedule] = {}


def register(schedule: Schedule) -> None:
    _schedules[schedule.name] = schedule


def schedules() -> list[Schedule]:
    """All that come round here."""
    return list(_schedules.values())


def run_due() -> list[str]:
    """Run what is due and not just begun by another sweeper; answers the names. An error ends the round."""
    return [name for name, schedule in _schedules.items() if _begin(schedule) and _finish(schedule)]


def _begin(schedule: Schedule) -> bool:
    now = clock.now()
    ScheduledWork.objects.bulk_create([ScheduledWork(name=schedule.name)], ignore_conflicts=True)
    due = Q(last_started_at__isnull=True) | Q(last_started_at__lte=now - schedule.every)
    # Begun in what is the future here: another machine's clock was wrong, or is. Better too often than not for a day.
    due |= Q(last_started_at__gt=now + schedule.every)
    # Whoever changes the row has won; the others find nothing to change.
    return bool(ScheduledWork.objects.filter(due, name=schedule.name).update(last_started_at=now, runs=F("runs") + 1))


def _finish(schedule: Schedule) -> bool:
    schedule.run()
    ScheduledWork.objects.filter(name=schedule.name).update(last_ended_at=clock.now())
    return True
