"""Work that comes round happens once a round, whoever sweeps."""

from datetime import timedelta

import pytest
import time_machine

from billing.queue import schedule
from billing.queue.models import ScheduledWork
from billing.queue.schedule import Schedule, run_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds(monkeypatch):
    done: list[int] = []
    monkeypatch.setattr(schedule, "_schedules", {})
    schedule.register(Schedule("hourly", timedelta(hours=1), lambda: done.append(1)))
    return done


def test_each_round_happens_once(rounds):
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        assert run_due() == ["hourly"]
        assert run_due() == []
        when.shift(timedelta(minutes=59))
        assert run_due() == []
        when.shift(timedelta(minutes=1))
        assert run_due() == ["hourly"]
    assert len(rounds) == 2
    assert ScheduledWork.objects.get().runs == 2


def test_missed_rounds_are_made_up_by_one(rounds):
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        run_due()
        when.shift(timedelta(days=3))
        assert run_due() == ["hourly"]
        assert run_due() == []


def test_a_clock_that_was_ahead_holds_up_no_round(rounds):
    with time_machine.travel("2026-11-21 14:00:00+00:00", tick=False) as when:
        assert run_due() == ["hourly"]
        when.shift(timedelta(hours=-26))
        assert run_due() == ["hourly"]
        assert run_due() == []
        when.shift(timedelta(minutes=-10))
        assert run_due() == []
