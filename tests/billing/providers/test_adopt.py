"""Accounts of a platform become connections, each with its merchant."""

import pytest
from django.db import IntegrityError, transaction

from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.outbox.models import OutboxEvent
from billing.providers.adopt import AdoptionRefused, adopt_account
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.providers.registry import access_of
from tests.billing.deliveries import make_connection
from tests.billing.factories import make_merchant

pytestmark = pytest.mark.django_db


def make_platform(**fields) -> ProviderAccount:
    return make_connection(is_platform=True, **fields)


def adopt(platform, account: str = "acct_1", **fields) -> ProviderAccount:
    return adopt_account(platform=platform, external_account=account, by=SYSTEM, **fields)


def test_an_account_gets_a_merchant_of_its_own_and_the_platforms_way():
    platform = make_platform()
    account = adopt(platform, reason="an event named it")
    assert account.merchant != platform.merchant
    assert (account.platform, account.livemode, account.api_base) == (platform, False, platform.api_base)
    assert (account.is_connect, account.api_key) == (True, None)
    access = access_of(account)
    assert (access.api_key, access.account) == ("sk_test_key_of_a_test", "acct_1")
    said = AuditEvent.objects.get(merchant_id=account.merchant_id, action="connection.adopted")
    assert said.after["platform"] == platform.public_id
    assert said.reason == "an event named it"
    assert OutboxEvent.objects.get(type="connection.adopted").object_id == account.public_id


def test_adopting_twice_is_adopting_once():
    platform = make_platform()
    assert adopt(platform) == adopt(platform)
    assert platform.accounts.count() == 1


def test_both_modes_of_an_account_belong_to_one_merchant():
    merchant = make_merchant()
    test, live = make_platform(merchant=merchant), make_platform(merchant=merchant, livemode=True)
    assert adopt(test).merchant == adopt(live).merchant


def test_two_platforms_with_the_same_account_share_no_merchant():
    ours, theirs = adopt(make_platform()), adopt(make_platform())
    assert ours.merchant != theirs.merchant


def test_a_merchant_can_be_chosen():
    merchant = make_merchant()
    assert adopt(make_platform(), merchant=merchant).merchant == merchant


def test_no_more_than_the_limit_come():
    platform = make_platform()
    adopt(platform, most=1)
    with pytest.raises(AdoptionRefused, match="no more"):
        adopt(platform, "acct_2", most=1)
    assert adopt(platform, "acct_1", most=1)
    assert adopt(platform, "acct_2")


@pytest.mark.parametrize("account", ["", "acct_", "cus_1", "acct_" + "x" * 60, "acct_1\n", "acct_ä"])
def test_what_is_no_account_is_refused(account):
    with pytest.raises(AdoptionRefused, match="acct_"):
        adopt(make_platform(), account)


def test_only_a_connected_platform_adopts():
    gone = make_platform()
    gone.status = ConnectionStatus.DISCONNECTED
    for connection in (make_connection(), gone):
        with pytest.raises(AdoptionRefused):
            adopt(connection)
        assert not connection.accounts.exists()


def test_a_merchant_with_an_own_connection_to_the_account_is_refused():
    own = make_connection(is_connect=True, external_account="acct_1")
    with pytest.raises(AdoptionRefused, match="already"):
        adopt(make_platform(), merchant=own.merchant)


def test_the_database_refuses_a_second_connection_to_the_account():
    account = adopt(make_platform())
    with pytest.raises(IntegrityError), transaction.atomic():
        make_connection(is_connect=True, external_account="acct_1", platform=account.platform)
