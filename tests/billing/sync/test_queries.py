"""What the connection's page shows."""

from datetime import timedelta

import pytest

from billing import clock
from billing.sync.models import Finding, FindingKind, RunEnd, RunKind, SyncRun
from billing.sync.queries import findings_for_merchant, overview
from tests.billing.deliveries import charge, deliver, event, intent, make_connection

pytestmark = pytest.mark.django_db


def find(account, kind: FindingKind, **fields) -> Finding:
    values = {"merchant": account.merchant, "livemode": account.livemode, "found_at": clock.now()}
    return Finding.objects.create(account=account, kind=kind, **{**values, **fields})


def test_an_account_of_which_nothing_is_known():
    shown = overview(make_connection())
    assert (shown.last_event_at, shown.lag, shown.last_full_sync, shown.complete_until) == (None, None, None, None)
    assert (shown.under_way, shown.gaps, shown.drift) == ([], 0, 0)


def test_last_event_and_the_middle_lag():
    account = make_connection()
    now = int(clock.now().timestamp())
    for late in (1, 7, 200):
        last = deliver(account, event("charge.succeeded", charge(), at=now - late))
    shown = overview(account)
    assert shown.last_event_at == last.received_at
    assert shown.lag in (7, 8)


def test_a_clock_that_is_behind_makes_no_negative_lag():
    account = make_connection()
    deliver(account, event("payment_intent.created", intent(), at=int(clock.now().timestamp()) + 60))
    assert overview(account).lag == 0


def test_findings_of_the_last_month_are_counted():
    account, other = make_connection(), make_connection()
    for kind in FindingKind:
        find(account, kind)
        find(other, kind)
    find(account, FindingKind.MISSING, found_at=clock.now() - timedelta(days=31))
    shown = overview(account)
    assert (shown.gaps, shown.drift) == (2, 2)


def test_the_run_under_way_and_the_last_full_one():
    account, now = make_connection(), clock.now()
    done = SyncRun.objects.create(
        account=account, kind=RunKind.BACKFILL, asked_at=now, ended_at=now, end=RunEnd.COMPLETE, state="done"
    )
    run = SyncRun.objects.create(
        account=account, kind=RunKind.BACKFILL, asked_at=now, started_at=now - timedelta(minutes=3), progress=250
    )
    shown = overview(account)
    assert shown.last_full_sync == done
    [going] = shown.under_way
    assert (going.run, going.progress) == (run, 250)
    assert 539 <= (going.remaining or 0) <= 545


def test_findings_of_one_merchant_and_mode_newest_first(django_assert_num_queries):
    account = make_connection()
    first, second = find(account, FindingKind.MISSING), find(account, FindingKind.DIFFERENT)
    find(make_connection(), FindingKind.MISSING)
    with django_assert_num_queries(1):
        shown = [(each, each.account.name, each.event) for each in findings_for_merchant(account.merchant, False)]
    assert [each for each, _, _ in shown] == [second, first]
    assert not findings_for_merchant(account.merchant, True).exists()
