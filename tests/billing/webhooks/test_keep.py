"""Rows of the inbox alone and together."""

from typing import Any

import pytest
from django.db import DatabaseError

from billing import clock
from billing.webhooks.keep import keep, together
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import make_connection


def row(account, external_id: str, **fields) -> dict[str, Any]:
    values = {"livemode": False, "type": "charge.succeeded", "body": b"{}", "occurred_at": clock.now(), "headers": {}}
    whose = {"account_id": account.pk, "merchant_id": account.merchant_id}
    return {**values, **whose, "external_id": external_id, "received_at": clock.now(), **fields}


def kept() -> list[str]:
    return list(WebhookEvent.objects.order_by("external_id").values_list("external_id", flat=True))


@pytest.mark.django_db
def test_a_row_alone_is_there_at_once():
    keep(**row(make_connection(), "evt_1", object_id="ch_1"))
    found = WebhookEvent.objects.get()
    assert (found.object_id, found.state, found.attempts, found.headers) == ("ch_1", "pending", 0, {})
    assert found.public_id.startswith("whk_")
    assert (found.error, found.lease_token, found.outcome) == ("", None, "")


@pytest.mark.django_db
def test_rows_together_are_one_statement(django_assert_num_queries):
    account = make_connection()
    with django_assert_num_queries(1), together():
        for number in range(5):
            keep(**row(account, f"evt_{number}"))
    assert len(kept()) == 5


@pytest.mark.django_db
def test_twice_in_one_batch_and_once_more_later_is_one_row():
    account = make_connection()
    for _ in range(2):
        with together():
            keep(**row(account, "evt_1"))
            keep(**row(account, "evt_1"))
    assert kept() == ["evt_1"]


def test_one_refused_row_keeps_none(committed_db):
    account = make_connection()
    with pytest.raises(DatabaseError), together():
        keep(**row(account, "evt_1"))
        keep(**row(account, "evt_2", type="x" * 121))
    assert kept() == []


@pytest.mark.django_db
def test_what_fails_inside_keeps_none_and_the_next_row_is_alone_again():
    account = make_connection()
    with pytest.raises(ZeroDivisionError), together():
        keep(**row(account, "evt_1"))
        1 / 0  # noqa: B018
    assert kept() == []
    keep(**row(account, "evt_2"))
    assert kept() == ["evt_2"]
