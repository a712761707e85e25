"""How connections stand, for pages that show many of them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.queue.models import State
from billing.sync.models import Finding, FindingKind, RunEnd, RunKind, SyncCursor, SyncRun
from billing.sync.standing import WINDOW, Found, standings
from tests.billing.deliveries import charge, deliver, event, make_connection

pytestmark = pytest.mark.django_db


def run(account, kind=RunKind.BACKFILL, *, days, **fields):
    at = clock.now() - timedelta(days=days)
    return SyncRun.objects.create(account=account, kind=kind, asked_at=at, **{"ended_at": at, **fields})


def find(account, kind, *, days=1, **fields):
    Finding.objects.create(
        account=account,
        merchant=account.merchant,
        livemode=account.livemode,
        kind=kind,
        found_at=clock.now() - timedelta(days=days),
        **fields,
    )


def test_a_new_connection_has_done_nothing():
    account = make_connection()
    standing = standings([account])[account.pk]
    assert (standing.under_way, standing.complete, standing.ended, standing.found) == ([], {}, {}, {})
    assert (standing.checked_until, standing.last_event_at) == (None, None)


def test_runs_are_told_by_what_became_of_them():
    account = make_connection()
    older = run(account, days=9, state=State.DONE, end=RunEnd.COMPLETE)
    complete = run(account, days=3, state=State.DONE, end=RunEnd.COMPLETE)
    failed = run(account, days=2, state=State.DONE, end=RunEnd.FAILED)
    under_way = run(account, days=0, ended_at=None, phase="charge")
    gaps = run(account, RunKind.GAPS, days=1, state=State.DONE, end=RunEnd.COMPLETE)
    standing = standings([account])[account.pk]
    assert standing.under_way == [under_way]
    assert standing.complete == {"backfill": complete, "gaps": gaps}
    assert standing.ended == {"backfill": failed, "gaps": gaps}
    assert older not in standing.complete.values()


def test_findings_are_counted_for_thirty_days():
    account = make_connection()
    find(account, FindingKind.MISSING, repaired_at=clock.now())
    find(account, FindingKind.MISSING)
    find(account, FindingKind.DIFFERENT, days=31)
    find(make_connection(), FindingKind.DIFFERENT)
    assert standings([account])[account.pk].found == {"missing": Found(2, 1)}


def test_the_last_event_is_the_last_that_was_delivered_to_this_connection():
    account = make_connection()
    other = make_connection(account.merchant, external_account="acct_other")
    late = int(clock.now().timestamp()) - 60
    deliver(account, event("charge.succeeded", charge(), at=late))
    standing = standings([account, other])
    assert standing[account.pk].last_event_lag.total_seconds() == pytest.approx(60, abs=10)
    assert standing[other.pk].last_event_at is None
    with time_machine.travel(clock.now() + WINDOW + timedelta(days=1)):
        assert standings([account])[account.pk].last_event_at is None
    account.events.update(origin="imported")
    assert standings([account])[account.pk].last_event_at is None


def test_how_far_it_is_complete_is_told():
    account = make_connection()
    SyncCursor.objects.create(account=account, complete_until=clock.now())
    assert standings([account])[account.pk].checked_until


def test_many_cost_as_many_queries_as_one():
    accounts = [make_connection() for _number in range(3)]
    for account in accounts:
        run(account, days=1, state=State.DONE, end=RunEnd.COMPLETE)
        find(account, FindingKind.MISSING)

    def queries(some):
        with CaptureQueriesContext(connection) as captured:
            standings(some)
        return len(captured)

    assert queries(accounts[:1]) == queries(accounts)
