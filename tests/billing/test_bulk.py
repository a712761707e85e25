"""Many rows in one statement: as Django would have written them."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, transaction

from billing.bulk import insert, overwrite
from billing.payments.models import Payment
from tests.billing.deliveries import make_connection
from tests.portal.people import make_merchant

pytestmark = pytest.mark.django_db
IDENTITY = ("account_id", "external_id")
MOMENT = datetime(2026, 11, 20, 12, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def account():
    return make_connection(make_merchant("paper-shop"))


def payment(account, number, **fields):
    values = {
        "merchant": account.merchant,
        "account": account,
        "livemode": account.livemode,
        "external_id": f"pi_{number}",
        "metadata": {"key": 'a "quoted", {text}', "empty": None},
        "description": "back\\slash, 'quote', NULL",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
    return Payment(**{**values, **fields})


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in Payment._meta.concrete_fields}


def test_rows_are_stored_as_they_are_and_learn_their_ids(account):
    rows = [payment(account, number, risk_score=number or None, exp_year=None) for number in range(5)]
    insert(rows, unique=IDENTITY)
    stored = {row.pk: columns(row) for row in Payment.objects.all()}
    assert stored == {row.pk: columns(row) for row in rows}
    assert not any(row._state.adding for row in rows)


def test_nothing_is_written_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert([], unique=IDENTITY)
        overwrite([], unique=IDENTITY, keep=())


def test_overwriting_changes_all_but_what_is_kept(account):
    rows = [payment(account, number) for number in range(3)]
    insert(rows, unique=IDENTITY)
    before = rows[1].public_id
    rows[1].amount, rows[1].metadata, rows[1].public_id = 4200, {}, "pay_other"
    overwrite(rows[1:], unique=IDENTITY, keep={"public_id"})
    assert list(Payment.objects.order_by("pk").values_list("amount", "public_id")) == [
        (0, rows[0].public_id),
        (4200, before),
        (0, rows[2].public_id),
    ]


def test_a_text_that_is_too_long_is_refused_and_not_cut(account):
    with pytest.raises(DataError), transaction.atomic():
        insert([payment(account, 1, currency="EURO")], unique=IDENTITY)


def test_a_row_that_exists_is_not_inserted_again(account):
    insert([payment(account, 1)], unique=IDENTITY)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([payment(account, 1)], unique=IDENTITY)
