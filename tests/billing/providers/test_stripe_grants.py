"""What a key may read, and whose it is."""

import json

import pytest

from billing.providers.base import Access, AccessRefused, Kind, ProviderUnavailable, UnreadableObject
from billing.providers.events import AccountObserved
from billing.providers.stripe.adapter import describe, grants
from tests.billing.providers.conftest import MakeAccess
from tests.billing.providers.peers import DATE, answering
from tests.simulator.processes import Simulator

EVERYTHING = [*Kind, "events", "account"]


def test_a_full_key_may_read_everything(access: Access):
    found = grants(access)
    assert [grant.what for grant in found] == EVERYTHING
    assert all(grant.allowed and not grant.reason for grant in found)


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("/v1/disputes", "dispute", "disputes"),
        ("/v1/radar/early_fraud_warnings", "warning", "warnings"),
        ("/v1/balance_transactions", "balance_transaction", "balance transactions"),
        ("/v1/events", "events", "events"),
        ("/v1/account", "account", "the account"),
    ],
)
def test_a_restricted_key_may_not_read_all(simulator: Simulator, access: Access, path: str, what: str, said: str):
    body = json.dumps({"error": {"message": "Having the 'rak_some_read' permission would help.", "type": "x"}})
    simulator.control("POST", "/faults", kind="error", match=f"GET {path}", status=403, body=body)
    found = {grant.what: grant for grant in grants(access)}
    assert [name for name in EVERYTHING if not found[name].allowed] == [what]
    assert found[what].reason == f"The key may not read {said}: it lacks the permission rak_some_read."


def test_a_key_tells_whose_it_is(simulator: Simulator, access: Access):
    observed = describe(access)
    assert isinstance(observed, AccountObserved)
    assert observed.external_id == simulator.control("GET", f"/account?key={access.api_key}")["account"]
    assert observed.authorised


def test_a_connect_account_is_described_instead_of_its_platform(
    simulator: Simulator, access: Access, make_access: MakeAccess
):
    name = simulator.client(access.api_key).v1.accounts.create({"country": "DE"}).id
    observed = describe(make_access(access.api_key, name))
    assert isinstance(observed, AccountObserved)
    assert (observed.external_id, observed.country, observed.currency) == (name, "DE", "EUR")


@pytest.mark.parametrize("body", ["{}", '{"object": "list"}', '{"object": "account"}'])
def test_what_is_no_account_is_not_described_as_one(body: str):
    with answering(200, body, DATE) as peer, pytest.raises(UnreadableObject):
        describe(Access("sk_test_no_account", api_base=peer.url))


def test_a_key_that_is_not_valid_is_nobodys(make_access: MakeAccess):
    with pytest.raises(AccessRefused, match="does not know"):
        describe(make_access("sk_live_none"))


def test_a_key_that_is_not_valid_has_no_grants(make_access: MakeAccess):
    with pytest.raises(AccessRefused, match="does not know"):
        grants(make_access("sk_live_none"))


def test_without_an_answer_nothing_is_said_of_the_key(simulator: Simulator, access: Access):
    simulator.control("POST", "/faults", kind="error", match="GET /v1/refunds")
    with pytest.raises(ProviderUnavailable):
        grants(access)
