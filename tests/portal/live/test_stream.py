"""Signals reach the open pages of the right merchant, and nobody else's."""

import asyncio
import json
import urllib.error
import urllib.request
from http.client import HTTPResponse

import pytest
from django.test import Client

from billing.access.roles import StaffRole
from portal.live.stream import signals
from tests.billing.deliveries import charge, event, make_connection, signature
from tests.portal.people import make_merchant, make_person, signed_in

PATIENCE = 10


def cookie(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def open_stream(stack, path: str, client: Client) -> HTTPResponse:
    request = urllib.request.Request(stack.url + path, headers={"Cookie": cookie(client)})
    stream = urllib.request.urlopen(request, timeout=PATIENCE)
    assert read_block(stream) == ["retry: 3000", ": connected"]
    return stream


def read_block(stream: HTTPResponse) -> list[str]:
    lines = []
    while line := stream.readline().decode().rstrip("\n"):
        lines.append(line)
    return lines


def read_change(stream: HTTPResponse) -> list[str]:
    """The next block, but for the one that says how old the last signal is."""
    block = read_block(stream)
    return read_block(stream) if block[0] == "event: last" else block


def listen_briefly(stream: HTTPResponse) -> list[str]:
    stream.fp.raw._sock.settimeout(0.3)  # type: ignore[union-attr]
    return read_change(stream)


def deliver(stack, account, charge_id: str) -> None:
    body = json.dumps(event("charge.succeeded", charge(id=charge_id, payment_intent=None))).encode()
    request = urllib.request.Request(
        f"{stack.url}/webhooks/stripe/{account.public_id}/",
        body,
        headers={"Stripe-Signature": signature(body), "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 200


def test_an_event_at_the_door_becomes_a_signal_without_data(live_stack):
    merchant = make_merchant()
    client = signed_in(make_person(merchant=merchant))
    with open_stream(live_stack, f"/m/{merchant.slug}/test/_/live/", client) as stream:
        deliver(live_stack, make_connection(merchant), "ch_signal")
        kind, data = read_change(stream)
    assert kind == "event: changed"
    topics = data.removeprefix("data: ").split()
    assert "pay" in topics
    assert all(topic == "pay" or topic.startswith("pay_") for topic in topics)


def test_other_merchants_and_the_other_mode_hear_nothing(live_stack):
    busy, quiet = make_merchant(), make_merchant()
    listening = open_stream(live_stack, f"/m/{busy.slug}/test/_/live/", signed_in(make_person(merchant=busy)))
    others = [
        open_stream(live_stack, f"/m/{quiet.slug}/test/_/live/", signed_in(make_person(merchant=quiet))),
        open_stream(live_stack, f"/m/{busy.slug}/live/_/live/", signed_in(make_person(merchant=busy))),
    ]
    deliver(live_stack, make_connection(busy), "ch_quiet")
    assert read_change(listening)[0] == "event: changed"
    for stream in others:
        with pytest.raises(TimeoutError):
            listen_briefly(stream)
    for stream in [listening, *others]:
        stream.close()


def test_staff_hear_of_every_merchant(live_stack):
    client = signed_in(make_person(staff_role=StaffRole.ADMIN))
    with open_stream(live_stack, "/ops/_/live/", client) as stream:
        deliver(live_stack, make_connection(make_merchant()), "ch_staff")
        # What other tests did may still be told.
        changes = (read_change(stream) for _ in range(20))
        assert any(kind == "event: changed" and "pay" in data.split() for kind, data in changes)


def test_a_stream_begins_with_the_age_of_the_last_signal(live_stack):
    merchant = make_merchant()
    client, path = signed_in(make_person(merchant=merchant)), f"/m/{merchant.slug}/test/_/live/"
    with open_stream(live_stack, path, client) as first:
        deliver(live_stack, make_connection(merchant), "ch_before")
        assert read_change(first)[0] == "event: changed"
    with open_stream(live_stack, path, client) as second:
        kind, data = read_block(second)
    assert kind == "event: last"
    assert 0 <= int(data.removeprefix("data: ")) < PATIENCE * 1_000


@pytest.mark.parametrize("where", ["/m/{foreign}/test/_/live/", "/ops/_/live/"])
def test_a_stream_of_somebody_else_does_not_open(live_stack, where):
    client = signed_in(make_person(merchant=make_merchant()))
    path = where.format(foreign=make_merchant().slug)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(
            urllib.request.Request(live_stack.url + path, headers={"Cookie": cookie(client)}), timeout=PATIENCE
        )
    assert refused.value.code in (403, 404)
    refused.value.close()


def test_a_short_stream_asks_to_connect_again_when_its_time_is_up():
    async def heard() -> list[bytes]:
        return [block async for block in signals("live:nobody", seconds=0.05)]

    assert asyncio.run(heard())[-1] == b"event: reconnect\ndata: \n\n"
