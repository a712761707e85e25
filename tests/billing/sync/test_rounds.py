"""What begins by itself, and when."""

from datetime import timedelta

import pytest
import time_machine

from billing import clock
from billing.providers.models import ConnectionStatus
from billing.queue import schedule
from billing.queue.models import State
from billing.sync.models import RunEnd, RunKind, SyncCursor, SyncRun
from billing.sync.rounds import compare_recent, forget_runs, search_for_gaps
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    account = make_connection()
    SyncCursor.objects.create(account=account, complete_until=clock.now())
    return account


def end(run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(state=State.DONE, end=RunEnd.COMPLETE, ended_at=clock.now())


def test_an_account_is_searched_every_five_minutes(account):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert search_for_gaps() == 1
        run = SyncRun.objects.get()
        assert (run.kind, run.asked_by) == (RunKind.GAPS, "")
        assert search_for_gaps() == 0
        end(run)
        traveller.shift(timedelta(minutes=4, seconds=59))
        assert search_for_gaps() == 0
        traveller.shift(timedelta(seconds=1))
        assert search_for_gaps() == 1


def test_a_search_that_ended_by_a_clock_ahead_holds_up_none(account):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        search_for_gaps()
        end(SyncRun.objects.get())
        traveller.shift(timedelta(hours=-26))
        assert search_for_gaps() == 1


def test_recent_objects_are_compared_every_hour(account):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert compare_recent() == 1
        end(SyncRun.objects.get(kind=RunKind.DRIFT))
        traveller.shift(timedelta(minutes=59))
        assert compare_recent() == 0
        traveller.shift(timedelta(minutes=1))
        assert compare_recent() == 1


def test_accounts_that_were_never_read_or_left_are_not_asked_about(account):
    make_connection()
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save()
    assert search_for_gaps() + compare_recent() == 0


def test_runs_are_forgotten_after_a_month_but_full_readings_stay(account):
    for kind in RunKind:
        end(SyncRun.objects.create(account=account, kind=kind, asked_at=clock.now()))
    assert forget_runs() == 0
    SyncRun.objects.update(ended_at=clock.now() - timedelta(days=31))
    assert forget_runs() == 2
    assert SyncRun.objects.get().kind == RunKind.BACKFILL


def test_the_sweeper_knows_them():
    assert {"gaps", "drift", "old runs"} <= set(schedule._schedules)
