"""Testing a connection."""

import pytest

from billing.audit.models import AuditEvent
from billing.providers.base import ProviderUnavailable
from billing.providers.check import check_connection
from billing.providers.connect import AlreadyConnected
from billing.providers.disconnect import disconnect_account
from billing.providers.locked import AlreadyDisconnected
from tests.billing.deliveries import make_connection
from tests.billing.factories import TESTER
from tests.billing.providers.gatekeeper import keeping_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(access):
    return make_connection(api_key=access.api_key, api_base=access.api_base)


def test_a_test_learns_what_the_key_opens(account, access, simulator):
    client = simulator.client(access.api_key)
    own = client.v1.accounts.retrieve_current()
    client.v1.accounts.update(own.id, {"business_profile": {"name": "Rosa's Bakery"}})
    tested = check_connection(account=account, by=TESTER)
    tested.refresh_from_db()
    assert (tested.external_account, tested.name) == (own.id, "Rosa's Bakery")
    assert set(tested.granted.values()) == {""}
    assert tested.tested_at
    assert tested.refusal == ""
    assert AuditEvent.objects.get(action="connection.tested").after == {"refused": "", "missing": []}


def test_what_is_missing_is_kept_with_its_reason(account, access):
    with keeping_back(access.api_base, "/v1/disputes") as base:
        account.api_base = base
        account.save()
        tested = check_connection(account=account, by=TESTER)
    assert "rak_disputes_read" in tested.granted["dispute"]
    assert AuditEvent.objects.get(action="connection.tested").after["missing"] == ["dispute"]


def test_a_key_that_is_refused_says_so_until_it_works_again(account, access):
    good = access.api_key
    account.api_key = "sk_test_!"
    account.save()
    tested = check_connection(account=account, by=TESTER)
    assert "does not know the key" in tested.refusal
    assert tested.granted == {}
    account.api_key = good
    account.save()
    assert check_connection(account=account, by=TESTER).refusal == ""


def test_a_key_of_another_account_is_no_key_of_this_one(account):
    account.external_account = "acct_elsewhere"
    account.save()
    tested = check_connection(account=account, by=TESTER)
    assert "and not acct_elsewhere" in tested.refusal
    assert tested.external_account == "acct_elsewhere"


def test_a_processor_that_does_not_answer_changes_nothing(access):
    account = make_connection(api_key=access.api_key)
    with pytest.raises(ProviderUnavailable):
        check_connection(account=account, by=TESTER)
    account.refresh_from_db()
    assert account.tested_at is None
    assert not AuditEvent.objects.filter(action="connection.tested").exists()


def test_a_second_connection_to_the_same_account_is_found_out(account, access):
    check_connection(account=account, by=TESTER)
    # The stand-in knows both kinds of key as one account.
    twin = make_connection(account.merchant, api_key=access.api_key.replace("sk_", "rk_"), api_base=access.api_base)
    with pytest.raises(AlreadyConnected):
        check_connection(account=twin, by=TESTER)


def test_nothing_is_asked_for_a_connection_that_was_left(account):
    disconnect_account(account=account, by=TESTER)
    with pytest.raises(AlreadyDisconnected):
        check_connection(account=account, by=TESTER)
