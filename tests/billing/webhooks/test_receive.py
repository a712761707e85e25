"""Deliveries are kept durably, once, or not at all."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from billing import clock
from billing.providers.base import CallbackRefused
from billing.webhooks.models import WebhookEvent
from billing.webhooks.receive import UnknownConnection, receive
from tests.billing.deliveries import SECRET, charge, deliver, event, intent, make_connection, signature

pytestmark = pytest.mark.django_db


def send(account, body: bytes, *, secret: str = SECRET, **headers: str) -> None:
    receive(
        provider="stripe",
        connection_id=account if isinstance(account, str) else account.public_id,
        body=body,
        headers={"stripe-signature": signature(body, secret=secret), **headers},
        address="203.0.113.9",
    )


def test_a_delivery_is_kept_as_it_came():
    account = make_connection()
    payload = event("charge.succeeded", charge())
    row = deliver(account, payload)
    assert bytes(row.body) == json.dumps(payload).encode()
    assert (row.type, row.object_type, row.object_id) == ("charge.succeeded", "charge", "ch_1")
    assert (row.merchant, row.livemode, row.api_version) == (account.merchant, False, "2026-10-28.endive")
    assert row.headers["from"] == "127.0.0.1"
    assert "••••" in row.headers["stripe-signature"]


def test_a_second_delivery_is_no_second_row():
    account = make_connection()
    payload = event("charge.succeeded", charge())
    assert deliver(account, payload) == deliver(account, payload)
    assert WebhookEvent.objects.count() == 1


def test_the_same_event_id_at_another_connection_is_another_event():
    payload = event("charge.succeeded", charge())
    deliver(make_connection(), payload)
    deliver(make_connection(), payload)
    assert WebhookEvent.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"not json",
        b"\xff\xfe",
        b'{"id": "evt_1", "id": "evt_2"}',
        b'{"id": NaN}',
        b"{}",
        b"[" * 100_000,
        json.dumps(event("x", {})).replace('"object": {}', '"object": []').encode(),
        json.dumps(event("x", {}, id="evt\u0000")).encode(),
        json.dumps(event("x", {}, id="\ud800")).encode(),
        json.dumps(event("x", {}, id="e" * 256)).encode(),
        json.dumps(event("x", {}, id=7)).encode(),
        json.dumps(event("type with spaces", {})).encode(),
        json.dumps(event("x", {}, created="now")).encode(),
        json.dumps(event("x", {}, created=10**20)).encode(),
        json.dumps(event("x", {}, created=True)).encode(),
        json.dumps(event("x", {}, livemode=None)).encode(),
        json.dumps(event("x", {}, api_version={})).encode(),
    ],
)
def test_signed_nonsense_is_refused_and_leaves_no_row(body):
    with pytest.raises(CallbackRefused):
        send(make_connection(), body)
    assert not WebhookEvent.objects.exists()


def test_a_refusal_says_nothing_of_the_body():
    with pytest.raises(CallbackRefused) as refused:
        send(make_connection(), b'{"id": "evt_secret_content"')
    assert "secret_content" not in str(refused.value)


def test_another_connections_secret_does_not_open_the_door():
    with pytest.raises(CallbackRefused):
        send(make_connection(), b"{}", secret="whsec_of_somebody_else")


def test_events_of_the_other_mode_are_refused():
    with pytest.raises(CallbackRefused):
        deliver(make_connection(), event("x", intent(), livemode=True))


def test_a_connect_connection_takes_its_own_account_only():
    account = make_connection(is_connect=True, external_account="acct_1")
    deliver(account, event("x", intent(), account="acct_1"))
    for other in ("acct_2", None):
        with pytest.raises(CallbackRefused):
            deliver(account, event("x", intent(), account=other))


def test_a_time_that_is_no_day_in_some_zone_is_refused():
    with pytest.raises(CallbackRefused, match="time"):
        deliver(make_connection(), event("x", intent(), at=253_402_300_799))


def test_a_merchants_own_connection_takes_no_connected_account():
    account = make_connection()
    with pytest.raises(CallbackRefused, match="another account"):
        send(account, json.dumps(event("charge.succeeded", charge(), account="acct_2")).encode())
    assert not WebhookEvent.objects.exists()


def test_unknown_and_disconnected_connections_are_unknown():
    gone = make_connection(status="disconnected", api_key=None)
    bare = make_connection()
    bare.secrets.all().delete()
    for account in (gone, bare, "con_none"):
        with pytest.raises(UnknownConnection):
            send(account, b"{}")


def test_an_expired_secret_is_no_secret():
    account = make_connection()
    account.secrets.update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(UnknownConnection):
        send(account, b"{}")


@pytest.mark.parametrize("column", ["body = ''", "external_id = 'evt_x'", "received_at = now()"])
def test_the_database_keeps_what_was_signed(column):
    deliver(make_connection(), event("x", intent()))
    with pytest.raises(DatabaseError, match="stays as it came"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE webhook_event SET {column}")
