"""A difference is named by what makes exactly it, and by nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from billing.payouts.compare import compare_balance
from billing.payouts.models import BalanceTransaction, Cause, ProcessorBalance
from billing.providers.base import Funds, Holdings
from tests.billing.deliveries import T0, make_connection
from tests.portal.money import write_movement
from tests.portal.movements import book

pytestmark = pytest.mark.django_db

NOW = datetime.fromtimestamp(T0, UTC) + timedelta(hours=1)


@pytest.fixture
def account():
    return make_connection()


def compare(account, *funds: Funds, at: datetime = NOW) -> ProcessorBalance:
    compare_balance(account=account, told=Holdings(funds, at))
    return ProcessorBalance.objects.get(account=account, currency="EUR")


def test_what_is_equal_has_no_cause(account):
    book(account, net=500, available=T0 + 90_000)
    book(account, net=970, status="available")
    row = compare(account, Funds("EUR", 970, 500))
    assert (row.cause, row.available_difference, row.pending_difference, row.differs_since) == ("", 0, 0, None)
    assert (row.merchant, row.livemode, row.compared_at) == (account.merchant, account.livemode, NOW)


def test_a_currency_that_only_one_side_knows_is_compared_with_nothing(account):
    book(account, net=970, status="available")
    row = compare(account, Funds("JPY", 5, 0))
    assert (row.available, row.our_available, row.cause) == (0, 970, Cause.UNKNOWN)
    yen = ProcessorBalance.objects.get(currency="JPY")
    assert (yen.available, yen.our_available, yen.cause) == (5, 0, Cause.UNKNOWN)
    assert not ProcessorBalance.objects.differing().exclude(pk__in=[row.pk, yen.pk]).exists()


def test_movements_that_became_available_there_are_named(account):
    for net in (500, 200):
        book(account, net=net, at=T0 - 90_000, available=T0 - 10)
    book(account, net=100, available=T0 + 90_000)
    row = compare(account, Funds("EUR", 700, 100))
    assert (row.cause, row.cause_count, row.available_difference) == (Cause.DUE, 2, 700)


def test_movements_that_no_book_has_are_named(account):
    BalanceTransaction.objects.filter(pk=write_movement(account, amount=970, fee=0).pk).update(booking="")
    waits = write_movement(account, amount=500, fee=0, status="pending")
    BalanceTransaction.objects.filter(pk=waits.pk).update(booking="")
    row = compare(account, Funds("EUR", 970, 500))
    assert (row.cause, row.cause_count) == (Cause.NOT_BOOKED, 2)


def test_what_is_reserved_there_is_named(account):
    book(account, net=970, status="available")
    row = compare(account, Funds("EUR", 700, 0, reserved=270))
    assert (row.cause, row.cause_count, row.available_difference) == (Cause.RESERVED, 0, -270)


def test_nothing_is_named_that_does_not_make_all_of_the_difference(account):
    book(account, net=500, at=T0 - 90_000, available=T0 - 10)
    row = compare(account, Funds("EUR", 501, 0))
    assert (row.cause, row.cause_count) == (Cause.UNKNOWN, 0)


def test_a_difference_keeps_the_time_at_which_it_was_seen_first(account):
    book(account, net=970, status="available")
    compare(account, Funds("EUR", 0, 0))
    row = compare(account, Funds("EUR", 1, 0), at=NOW + timedelta(hours=1))
    assert (row.differs_since, row.compared_at) == (NOW, NOW + timedelta(hours=1))
    assert compare(account, Funds("EUR", 970, 0)).differs_since is None


def test_an_answer_that_is_older_than_what_is_here_says_nothing(account):
    def is_told(moment: datetime) -> bool:
        return compare_balance(account=account, told=Holdings((Funds("EUR", 1, 1),), moment))

    book(account, net=1, at=T0, available=T0 + 90_000)
    assert not is_told(datetime.fromtimestamp(T0, UTC))
    assert not ProcessorBalance.objects.exists()
    assert is_told(NOW)
    freed = NOW + timedelta(days=1)
    book(account, net=1, at=T0, available=int(freed.timestamp()), status="available")
    assert not is_told(freed)
    assert is_told(freed + timedelta(seconds=1))


def test_the_database_refuses_a_difference_without_a_cause(account):
    row = compare(account, Funds("EUR", 0, 0))
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessorBalance.objects.filter(pk=row.pk).update(available=1)
