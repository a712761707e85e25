"""What begins by itself, and when."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

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


def test_whose_turn_it_is_is_found_without_reading_all_runs(account):
    now = clock.now()
    SyncRun.objects.bulk_create(
        SyncRun(
            account=account,
            kind=kind,
            state=State.DONE,
            end=RunEnd.COMPLETE,
            asked_at=now - timedelta(minutes=ago),
            ended_at=now - timedelta(minutes=ago),
        )
        for kind in (RunKind.GAPS, RunKind.DRIFT)
        for ago in range(60)
    )
    with CaptureQueriesContext(
        connection,
    ) as ran:
        assert search_for_gaps() == 0
    [asked] = [query["sql"] for query in ran if "sync_cursor" in query["sql"]]
    with connection.cursor() as cursor:
        # Few rows are faster to read in full; a month of them is not few.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}")
        plan = json.dumps(cursor.fetchone()[0])
    read = [int(rows.split(".")[0]) for rows in re.findall(r'"Actual Rows": ([0-9.]+)', plan)]
    assert "sync_run_ended" in plan
    assert read
    assert max(read) == 1
