"""Webhook secrets: added, overlapping, removed."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from billing import clock
from billing.audit.models import AuditEvent
from billing.providers.disconnect import disconnect_account
from billing.providers.given import ConnectionRefused, SecretTooShort
from billing.providers.locked import AlreadyDisconnected
from billing.providers.secrets import LastSecret, SecretGone, SecretKnown, add_secret, remove_secret
from tests.billing.deliveries import SECRET, make_connection
from tests.billing.factories import TESTER

pytestmark = pytest.mark.django_db
NEW = "whsec_of_another_time"


@pytest.fixture
def account():
    return make_connection()


def test_a_new_secret_is_valid_at_once_and_the_old_one_for_a_day(account):
    old = account.secrets.get()
    with time_machine.travel(clock.now(), tick=False):
        added = add_secret(account=account, secret=NEW, by=TESTER)
        old.refresh_from_db()
        assert old.expires_at == clock.now() + timedelta(hours=24)
    assert added.expires_at is None
    event = AuditEvent.objects.get(action="connection.secret_added")
    assert event.before == {"secrets": [SECRET[-4:]]}
    assert NEW not in str((event.before, event.after))


def test_what_expires_sooner_still_does(account):
    soon = clock.now() + timedelta(hours=1)
    account.secrets.update(expires_at=soon)
    add_secret(account=account, secret=NEW, by=TESTER)
    assert account.secrets.exclude(last4=NEW[-4:]).get().expires_at == soon


def test_the_secret_of_a_second_endpoint_lets_the_first_one_be(account):
    add_secret(account=account, secret=NEW, replaces=False, by=TESTER)
    assert set(account.secrets.values_list("expires_at", flat=True)) == {None}
    assert AuditEvent.objects.get(action="connection.secret_added").after["others_expire"] is None


def test_what_is_no_secret_or_known_is_refused(account):
    with pytest.raises(SecretTooShort):
        add_secret(account=account, secret="whsec", by=TESTER)
    with pytest.raises(SecretKnown):
        add_secret(account=account, secret=SECRET, by=TESTER)
    assert account.secrets.get().expires_at is None


def test_an_account_of_a_platform_gets_no_door_of_its_own(account):
    inside = make_connection(external_account="acct_inside", is_connect=True, platform=account, api_key=None)
    with pytest.raises(ConnectionRefused, match="through its platform"):
        add_secret(account=inside, secret=NEW, by=TESTER)


def test_a_secret_can_be_removed_while_another_lasts(account):
    old = account.secrets.get()
    with pytest.raises(LastSecret):
        remove_secret(account=account, secret_id=old.pk, by=TESTER)
    add_secret(account=account, secret=NEW, by=TESTER)
    remove_secret(account=account, secret_id=old.pk, by=TESTER)
    assert account.secrets.get().last4 == NEW[-4:]
    with pytest.raises(SecretGone):
        remove_secret(account=account, secret_id=old.pk, by=TESTER)
    assert AuditEvent.objects.get(action="connection.secret_removed").before == {"secret": old.last4}


def test_a_secret_of_another_connection_is_not_here(account):
    foreign = make_connection().secrets.get()
    with pytest.raises(SecretGone):
        remove_secret(account=account, secret_id=foreign.pk, by=TESTER)
    with pytest.raises(SecretGone):
        remove_secret(account=account, secret_id=UUID(int=0), by=TESTER)


def test_a_connection_that_was_left_takes_none(account):
    disconnect_account(account=account, by=TESTER)
    with pytest.raises(AlreadyDisconnected):
        add_secret(account=account, secret=NEW, by=TESTER)
