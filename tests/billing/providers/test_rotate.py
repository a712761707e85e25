"""Replacing the key of a connection."""

import pytest

from billing.audit.models import AuditEvent
from billing.crypto import reveal
from billing.providers.base import ProviderUnavailable
from billing.providers.check import check_connection
from billing.providers.disconnect import disconnect_account
from billing.providers.given import ConnectionRefused, WrongMode
from billing.providers.locked import AlreadyDisconnected
from billing.providers.look import KeyLacksPermissions, KeyRefused
from billing.providers.rotate import AccountNotKnown, AnotherAccount, rotate_key
from tests.billing.deliveries import make_connection
from tests.billing.factories import TESTER
from tests.billing.providers.gatekeeper import keeping_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def nameless(access):
    """A connection that nobody has tested yet."""
    return make_connection(api_key=access.api_key, api_base=access.api_base)


@pytest.fixture
def account(nameless):
    return check_connection(account=nameless, by=TESTER)


@pytest.fixture
def new_key(access):
    """Of the same account: the stand-in knows both kinds of key as one."""
    return access.api_key.replace("sk_", "rk_")


def test_a_new_key_of_the_same_account_replaces_the_old_one(account, new_key):
    rotate_key(account=account, api_key=f" {new_key} ", by=TESTER)
    account.refresh_from_db()
    assert reveal(account, "api_key") == new_key
    assert account.key_last4 == new_key[-4:]
    event = AuditEvent.objects.get(action="connection.key_rotated")
    assert event.after == {"key": new_key[-4:]}
    assert new_key not in str((event.before, event.after))


@pytest.mark.parametrize(
    ("key", "refusal"),
    [("sk_live_x", WrongMode), ("sk_test_!", KeyRefused), ("sk_test_of_somebody_else", AnotherAccount)],
)
def test_a_key_that_does_not_open_the_account_replaces_nothing(account, access, key, refusal):
    with pytest.raises(refusal):
        rotate_key(account=account, api_key=key, by=TESTER)
    account.refresh_from_db()
    assert reveal(account, "api_key") == access.api_key


def test_a_key_that_may_read_too_little_replaces_nothing(account, access, new_key):
    with keeping_back(access.api_base, "/v1/events") as base:
        account.api_base = base
        account.save()
        with pytest.raises(KeyLacksPermissions, match="may not read events"):
            rotate_key(account=account, api_key=new_key, by=TESTER)


def test_a_key_that_may_not_read_its_account_shows_by_an_object_which_it_is(nameless, access, new_key, simulator):
    simulator.client(access.api_key).v1.customers.create({"name": "Lena Vogt"})
    with keeping_back(access.api_base, "/v1/account") as base:
        nameless.api_base = base
        nameless.save()
        with pytest.raises(AnotherAccount):
            rotate_key(account=nameless, api_key="sk_test_of_somebody_else", by=TESTER)
        rotate_key(account=nameless, api_key=new_key, by=TESTER)
    nameless.refresh_from_db()
    assert reveal(nameless, "api_key") == new_key


def test_without_any_sign_of_the_same_account_nothing_is_replaced(nameless, access, new_key):
    with keeping_back(access.api_base, "/v1/account") as base:
        nameless.api_base = base
        nameless.save()
        with pytest.raises(AccountNotKnown):
            rotate_key(account=nameless, api_key=new_key, by=TESTER)


def test_a_processor_that_does_not_answer_replaces_nothing(account, access, new_key):
    account.api_base = "http://127.0.0.1:9"
    account.save()
    with pytest.raises(ProviderUnavailable):
        rotate_key(account=account, api_key=new_key, by=TESTER)
    assert reveal(account, "api_key") == access.api_key


def test_an_account_of_a_platform_has_no_key_to_replace(account, new_key):
    type(account).objects.filter(pk=account.pk).update(is_platform=True)
    inside = make_connection(account.merchant, external_account="acct_inside", is_connect=True, platform=account)
    with pytest.raises(ConnectionRefused, match="key of its platform"):
        rotate_key(account=inside, api_key=new_key, by=TESTER)


def test_a_connection_that_was_left_gets_no_key(account, new_key):
    disconnect_account(account=account, by=TESTER)
    account.refresh_from_db()
    with pytest.raises(AlreadyDisconnected):
        rotate_key(account=account, api_key=new_key, by=TESTER)
