"""What a key may read, and whose it is."""

import json

import pytest

from billing.providers.base import Access, AccessRefused, Kind, ProviderUnavailable
from billing.providers.stripe.adapter import grants
from tests.billing.providers.conftest import MakeAccess
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


def test_a_key_that_is_not_valid_has_no_grants(make_access: MakeAccess):
    with pytest.raises(AccessRefused, match="does not know"):
        grants(make_access("sk_live_none"))


def test_without_an_answer_nothing_is_said_of_the_key(simulator: Simulator, access: Access):
    simulator.control("POST", "/faults", kind="error", match="GET /v1/refunds")
    with pytest.raises(ProviderUnavailable):
        grants(access)
