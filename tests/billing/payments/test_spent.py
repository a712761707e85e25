"""What customers of a page of a list paid."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.payments import spent
from billing.payments.spent import spent_by
from tests.billing.deliveries import make_connection
from tests.portal.payments import write_payments

pytestmark = pytest.mark.django_db


def of(customer, **fields):
    return {"customer_external_id": customer, **fields}


def test_each_currency_has_what_was_captured_and_stayed():
    account = make_connection()
    write_payments(
        account,
        [
            of("cus_1", amount_captured=1000, amount_refunded=300),
            of("cus_1", amount_captured=500, amount_lost=500),
            of("cus_1", status="failed"),
            of("cus_1", currency="JPY", amount_captured=70),
            of("cus_2", status="failed"),
            of("", amount_captured=9),
        ],
    )
    refs = [(account.pk, f"cus_{number}") for number in (1, 2, 3)]
    with CaptureQueriesContext(connection) as captured:
        found = spent_by(account.merchant, False, refs)
    assert len(captured) == 1
    assert (found[refs[0]].payments, found[refs[0]].amounts) == (4, [("EUR", 700), ("JPY", 70)])
    assert (found[refs[1]].payments, found[refs[1]].amounts) == (1, [("EUR", 0)])
    assert refs[2] not in found


def test_another_account_mode_or_merchant_pays_nothing_of_it():
    account = make_connection()
    others = [
        make_connection(account.merchant, external_account="acct_2"),
        make_connection(account.merchant, livemode=True),
        make_connection(),
    ]
    for each in others:
        write_payments(each, [of("cus_1", amount_captured=1000)])
    assert not spent_by(account.merchant, False, [(account.pk, "cus_1")])


def test_no_more_than_the_newest_payments_are_looked_at(monkeypatch):
    monkeypatch.setattr(spent, "MOST", 2)
    account = make_connection()
    write_payments(account, [of("cus_1", amount_captured=100)] * 2 + [of("cus_2", amount_captured=100)] * 9)
    found = spent_by(account.merchant, False, [(account.pk, "cus_1"), (account.pk, "cus_2")])
    assert [(each.payments, each.is_whole) for each in found.values()] == [(3, False), (2, True)]
