"""The doors' short way through the server: the same answers as by the long one, each after its own commit."""

import asyncio
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from django.db import OperationalError, connection
from django.test import Client

from billing.webhooks.models import WebhookEvent
from portal.inbound import doors
from portal.inbound.views import LARGEST_BODY
from tests.billing.deliveries import SECRET, charge, event, make_connection, signature


def body_of(number: int) -> bytes:
    return json.dumps(event("charge.succeeded", charge(id=f"ch_{number}"))).encode()


def send(stack, path: str, body, **options) -> tuple[int, dict[str, str]]:
    with closing(http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)) as line:
        line.request("POST", path, body, **options)
        answer = line.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def post(stack, account, body: bytes, *, secret: str = SECRET) -> tuple[int, dict[str, str]]:
    headers = {"Stripe-Signature": signature(body, secret=secret)}
    return send(stack, f"/webhooks/stripe/{account.public_id}/", body, headers=headers)


def test_many_at_once_are_each_answered_for_themselves(live_stack):
    account = make_connection()
    bodies = [body_of(number) for number in range(60)]
    secrets = ["whsec_of_somebody_else" if number % 5 == 0 else SECRET for number in range(60)]
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda body, secret: post(live_stack, account, body, secret=secret), bodies, secrets))
    assert [status for status, _ in answers] == [400 if secret != SECRET else 200 for secret in secrets]
    kept = set(WebhookEvent.objects.filter(account=account).values_list("external_id", flat=True))
    assert kept == {json.loads(body)["id"] for body, secret in zip(bodies, secrets, strict=True) if secret == SECRET}


def test_the_answers_wear_what_every_answer_wears(live_stack):
    account = make_connection()
    status, short = post(live_stack, account, body_of(1))
    long = Client().get("/healthz").headers
    for name in set(long) - {"Content-Type", "Content-Language", "Vary", "X-Request-ID", "Content-Security-Policy"}:
        assert short[name.lower()] == long[name]
    assert status == 200
    assert short["x-request-id"].startswith("req_")
    assert sorted(short["content-security-policy"].split("; ")) == sorted(long["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks/acme/con_1/", "/webhooks/stripe/con_none/"])
def test_addresses_that_no_door_has_are_not_found(live_stack, path):
    assert send(live_stack, path, b"{}")[0] == 404


def test_a_large_body_is_refused_though_it_announces_no_length(live_stack):
    chunks = iter([b"x" * 65_536] * (LARGEST_BODY // 65_536) + [b"x"])
    path = f"/webhooks/stripe/{make_connection().public_id}/"
    assert send(live_stack, path, chunks, headers={"Transfer-Encoding": "chunked"}, encode_chunked=True)[0] == 413


def scope_of(account, body: bytes) -> dict:
    headers = [(b"stripe-signature", signature(body).encode()), (b"content-length", str(len(body)).encode())]
    path = f"/webhooks/stripe/{account.public_id}/"
    return {"type": "http", "method": "POST", "path": path, "headers": headers, "client": ("127.0.0.1", 1)}


def test_a_batch_that_fails_is_tried_one_by_one(committed_db):
    account = make_connection()
    bodies = [body_of(number) for number in range(3)]

    def refuse_batches(execute, sql, params, many, context):
        if sql.startswith("INSERT INTO webhook_event") and sql.count("), (") > 0:
            raise OperationalError("one of these rows is wrong")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_batches):
        answers = doors._answer_all([(scope_of(account, body), body) for body in bodies])
    assert [answer.status_code for answer, _ in answers] == [200, 200, 200]
    assert WebhookEvent.objects.filter(account=account).count() == 3


def test_without_the_database_nothing_of_a_batch_is_acknowledged(committed_db):
    account = make_connection()
    bodies = [body_of(number) for number in range(3)]

    tries = []

    def away(execute, sql, params, many, context):
        tries.append(sql)
        connection.connection.close()
        raise OperationalError("the server is not there")

    with connection.execute_wrapper(away):
        answers = doors._answer_all([(scope_of(account, body), body) for body in bodies])
    assert [answer.status_code for answer, _ in answers] == [503, 503, 503]
    assert all(int(answer["Retry-After"]) > 0 for answer, _ in answers)
    # A server that cannot be reached may take seconds to say so.
    assert len(tries) == 1
    assert len({answer["X-Request-ID"] for answer, _ in answers}) == 3


def test_one_that_waits_in_vain_for_a_lock_takes_no_other_with_it(committed_db):
    first, second = make_connection(), make_connection()
    bodies = [body_of(number) for number in range(3)]

    def busy(execute, sql, params, many, context):
        if first.public_id in str(params):
            raise OperationalError("canceling statement due to lock timeout")
        return execute(sql, params, many, context)

    deliveries = [(scope_of(account, body), body) for account, body in zip((first, second, first), bodies, strict=True)]
    with connection.execute_wrapper(busy):
        answers = doors._answer_all(deliveries)
    assert [answer.status_code for answer, _ in answers] == [503, 200, 503]


@pytest.mark.parametrize("messages", [[{"type": "http.disconnect"}], [{"type": "http.request", "more_body": True}] * 2])
def test_a_sender_who_goes_away_is_not_answered(messages):
    coming = iter([*messages, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(coming)

    async def send(message):
        sent.append(message)

    asyncio.run(partial(doors.doors, {"type": "http"}, receive, send)())
    assert sent == []
