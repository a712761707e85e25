"""The webhook door over HTTP: what it answers, and what it never keeps."""

import json
import logging

import pytest
from django.db import OperationalError, connection

from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import charge, event, make_connection, signature

pytestmark = pytest.mark.django_db


def post(client, account, body: bytes, **headers: str):
    headers = {"Stripe-Signature": signature(body), **headers}
    path = f"/webhooks/stripe/{getattr(account, 'public_id', account)}/"
    return client.post(path, body, content_type="application/json", headers=headers)


def body_of(payload: dict) -> bytes:
    return json.dumps(payload).encode()


def test_a_signed_event_is_kept(client):
    account = make_connection()
    answer = post(client, account, body_of(event("charge.succeeded", charge())))
    assert answer.status_code == 200
    assert WebhookEvent.objects.get().headers["from"] == "127.0.0.1"


def test_no_session_and_no_cookie(client):
    answer = post(client, make_connection(), body_of(event("charge.succeeded", charge())))
    assert not answer.cookies


@pytest.mark.parametrize("headers", [{"Stripe-Signature": ""}, {"Stripe-Signature": "t=1,v1=" + "0" * 64}])
def test_what_does_not_verify_leaves_no_row_and_no_word_in_the_log(client, headers, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    answer = post(client, make_connection(), body_of(event("x", {"secret": "4242-in-the-body"})), **headers)
    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()
    said = caplog.text + "".join(capsys.readouterr()) + answer.content.decode()
    assert "4242-in-the-body" not in said


def test_unknown_connections_are_not_found(client):
    assert post(client, "con_nobody", b"{}").status_code == 404


def test_unknown_processors_are_not_found(client):
    assert client.post("/webhooks/acme/con_1/", b"{}", content_type="application/json").status_code == 404


def test_large_bodies_are_refused_before_they_are_read(client):
    answer = post(client, make_connection(), b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


def test_compressed_bodies_are_refused(client):
    assert post(client, make_connection(), b"\x1f\x8b", **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_posts(client, method):
    assert getattr(client, method)(f"/webhooks/stripe/{make_connection().public_id}/").status_code == 405


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""])
def test_the_content_type_decides_nothing(client, content_type):
    body = body_of(event("charge.succeeded", charge()))
    path = f"/webhooks/stripe/{make_connection().public_id}/"
    answer = client.generic("POST", path, body, content_type, headers={"Stripe-Signature": signature(body)})
    assert answer.status_code == 200
    assert bytes(WebhookEvent.objects.get().body) == body


def test_without_the_database_nothing_is_acknowledged(client):
    account = make_connection()
    client.raise_request_exception = False

    def away(execute, sql, params, many, context):
        raise OperationalError("the server is not there")

    with connection.execute_wrapper(away):
        answer = post(client, account, body_of(event("charge.succeeded", charge())))
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
