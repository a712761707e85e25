"""The figures equal the sums of the rows, after any history."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from billing.figures.keep import Cell, current, together
from billing.figures.models import DailyFigures, HourlyFigures
from tests.billing.deliveries import charge, deliver_all, event, intent, make_connection
from tests.billing.factories import make_merchant
from tests.billing.figures.histories import histories, live, make_accounts, zones
from tests.billing.figures.sums import added_up, kept_sums, raw_sums

# 2026-11-19 00:00 UTC: the evening before in New York, the morning in Tokyo.
MIDNIGHT = 1_795_046_400


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=zones, history=histories)
def test_figures_equal_the_raw_sums(db, names, history):
    with transaction.atomic():
        accounts = make_accounts(names)
        for number, account in enumerate(accounts):
            live(account, [step for whose, step in history if whose == number])
        raw = raw_sums()
        assert kept_sums() == raw
        # What they are mended with is a third way to add up.
        assert added_up([account.merchant for account in accounts]) == raw
        transaction.set_rollback(True)


def test_days_are_those_of_the_merchants_zone(db):
    for zone, day, hour in [("America/New_York", date(2026, 11, 18), 19), ("Asia/Tokyo", date(2026, 11, 19), 9)]:
        account = make_connection(make_merchant(timezone=zone))
        deliver_all(account, [event("payment_intent.created", intent(created=MIDNIGHT), at=MIDNIGHT)])
        assert DailyFigures.objects.get(merchant=account.merchant).day == day
        kept = HourlyFigures.objects.get(merchant=account.merchant)
        assert (kept.day, kept.hour) == (day, hour)


@pytest.mark.parametrize("livemode", [True, False])
def test_modes_are_counted_apart(db, livemode):
    account = make_connection(livemode=livemode)
    deliver_all(account, [event("charge.succeeded", charge(), livemode=livemode)])
    figures = DailyFigures.objects.get()
    assert (figures.livemode, figures.amount_captured, figures.succeeded) == (livemode, 2000, 1)


def test_a_batch_adds_up_its_kinds_in_one_statement_a_table(db, django_assert_num_queries):
    merchant = make_merchant()
    with django_assert_num_queries(2), together():
        for hour in (3, 4):
            current().add(Cell(merchant.pk, True, "EUR", date(2026, 11, 20), hour), {"payments": 1, "net": -5})
    assert DailyFigures.objects.values_list("payments", "net").get() == (2, -10)
    assert HourlyFigures.objects.count() == 2


def test_nothing_is_kept_of_a_batch_that_fails(db):
    merchant = make_merchant()
    with pytest.raises(ZeroDivisionError), transaction.atomic(), together():
        current().add(Cell(merchant.pk, True, "EUR", date(2026, 11, 20), 3), {"payments": 1})
        raise ZeroDivisionError
    assert not DailyFigures.objects.exists()
