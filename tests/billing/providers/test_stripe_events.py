"""The list of events: bodies that can be kept, and which of them did not arrive."""

import json
from datetime import UTC, datetime

import pytest

from billing.providers.base import Access, Window
from billing.providers.stripe.adapter import list_events, parse_callback
from portal.embedded.ports import pick_port
from tests.billing.deliveries import SECRET, signature
from tests.billing.providers.conftest import MakeAccess
from tests.billing.providers.peers import DATE, answering
from tests.simulator.processes import Simulator

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENT = '{"id": "evt_1", "type": "a.b", "created": 1, "livemode": false, "data": {"object": {"id": "x_1"}}'


def test_an_event_is_kept_as_the_door_would_keep_it(simulator: Simulator, access: Access):
    client = simulator.client(access.api_key)
    made = client.v1.customers.create({"name": "Ñandú \u2028 \U0001f600 </script>"})
    [listed] = list_events(access, Window()).events
    [event] = client.v1.events.list().data
    assert json.loads(listed.body) == event.to_dict()
    assert b": " not in listed.body
    header = signature(listed.body, at=int(NOW.timestamp()), secret=SECRET)
    assert listed.callback == parse_callback({"stripe-signature": header}, listed.body, [SECRET], now=NOW)
    assert (listed.callback.event_id, listed.callback.object_id) == (event.id, made.id)


def test_pages_go_back_and_forwards(simulator: Simulator, access: Access):
    client = simulator.client(access.api_key)
    for _ in range(5):
        client.v1.customers.create({})
    names = [event.id for event in client.v1.events.list({"limit": 100}).data]
    first = list_events(access, Window(limit=2))
    assert ([event.callback.event_id for event in first.events], first.has_more) == (names[:2], True)
    rest = list_events(access, Window(after=names[1]))
    assert ([event.callback.event_id for event in rest.events], rest.has_more) == (names[2:], False)
    forwards = list_events(access, Window(before=names[-1], limit=3))
    assert ([event.callback.event_id for event in forwards.events], forwards.has_more) == (names[-2:-5:-1], True)
    at = datetime.fromtimestamp(simulator.control("GET", "/clock")["now"], UTC)
    assert (at - first.observed_at).total_seconds() == 1


def test_only_those_that_did_not_arrive(simulator: Simulator, access: Access):
    client = simulator.client(access.api_key)
    url = f"http://127.0.0.1:{pick_port()}/"
    client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["customer.created"]})
    made = client.v1.customers.create({})
    client.v1.customers.update(made.id, {"name": "Bo"})
    simulator.control("POST", "/deliveries/settle")
    everything = list_events(access, Window()).events
    assert [event.callback.type for event in everything] == ["customer.updated", "customer.created"]
    [waiting] = list_events(access, Window(), undelivered_only=True).events
    assert waiting.callback.type == "customer.created"


def test_events_of_a_connected_account_name_it(simulator: Simulator, access: Access, make_access: MakeAccess):
    client = simulator.client(access.api_key)
    name = client.v1.accounts.create({"country": "DE"}).id
    client.v1.customers.create({}, {"stripe_account": name})
    listed = list_events(make_access(access.api_key, name), Window()).events[0]
    assert (listed.callback.type, listed.callback.account) == ("customer.created", name)
    assert all(event.callback.account == "" for event in list_events(access, Window()).events)


@pytest.mark.parametrize(
    "event", ["{}", EVENT + ', "x": NaN}', EVENT + ', "x": 1e999}', EVENT.replace("evt_1", "evt 1") + "}"]
)
def test_what_the_door_would_refuse_is_not_listed_as_an_event(event: str):
    body = f'{{"data": [{EVENT}}}, {event}], "has_more": false}}'
    with answering(200, body, DATE) as peer:
        page = list_events(Access("sk_test_odd_events", api_base=peer.url), Window())
    assert [listed.callback.event_id for listed in page.events] == ["evt_1"]
    assert len(page.unreadable) == 1


def test_the_same_event_without_its_fault_is_listed():
    with answering(200, f'{{"data": [{EVENT}}}], "has_more": false}}', DATE) as peer:
        [listed] = list_events(Access("sk_test_odd_events", api_base=peer.url), Window()).events
    assert (listed.callback.event_id, listed.callback.account) == ("evt_1", "")
