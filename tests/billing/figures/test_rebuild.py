"""Figures that went wrong are found, said and mended."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.figures.models import DailyFigures, HourlyFigures
from billing.figures.rebuild import Wrong, rebuild
from billing.merchants.models import Merchant
from tests.billing.deliveries import T0, make_connection
from tests.billing.figures.sums import kept_sums, raw_sums
from tests.portal.follow_ups import dispute, refund, tell
from tests.portal.payments import pay

# T0 in Paris.
DAY, HOUR = date(2026, 11, 18), 12


def story() -> Merchant:
    account = make_connection()
    payment = pay(account)
    tell(payment, ("refund.created", refund(payment), 100), ("charge.dispute.created", dispute(payment), 200))
    return account.merchant


def test_what_differs_is_said_and_mended(committed_db):
    merchant = story()
    assert rebuild(merchant) == []
    DailyFigures.objects.update(amount_captured=7, refunds=0)
    HourlyFigures.objects.all().delete()
    found = rebuild(merchant, mend=False)
    assert Wrong(False, "EUR", DAY, None, "amount_captured", 7, 2000) in found
    assert Wrong(False, "EUR", DAY, None, "refunds", 0, 1) in found
    assert Wrong(False, "EUR", DAY, HOUR, "disputes_amount", 0, 2000) in found
    assert kept_sums() != raw_sums()
    assert rebuild(merchant) == found
    assert kept_sums() == raw_sums()


def test_what_nobody_paid_is_taken_away(committed_db):
    merchant = story()
    DailyFigures.objects.create(merchant=merchant, livemode=True, currency="USD", day=DAY, payments=3)
    assert [(wrong.kept, wrong.true) for wrong in rebuild(merchant)] == [(3, 0)]
    assert kept_sums() == raw_sums()


def test_figures_follow_a_merchant_into_another_zone(committed_db):
    merchant = story()
    Merchant.objects.filter(pk=merchant.pk).update(timezone="Pacific/Auckland")
    merchant.refresh_from_db()
    assert rebuild(merchant)
    assert kept_sums() == raw_sums()


def test_the_command_tells_and_mends(committed_db):
    merchant = story()
    DailyFigures.objects.update(payments=5)
    told = StringIO()
    with pytest.raises(CommandError, match="1 sum is wrong"):
        call_command("rebuild_figures", check=True, stdout=told)
    assert told.getvalue() == f"{merchant.slug} test EUR 2026-11-18: payments was 5, is 1\n"
    call_command("rebuild_figures", merchant=merchant.slug, stdout=told)
    assert kept_sums() == raw_sums()
    told.truncate(0)
    call_command("rebuild_figures", stdout=told)
    assert told.getvalue().strip("\0") == "The figures of 1 merchant equal their rows.\n"


def test_the_command_knows_no_such_merchant(db):
    with pytest.raises(CommandError, match="nobody"):
        call_command("rebuild_figures", merchant="nobody")


def test_times_of_the_story():
    assert T0 == 1_795_000_000
