"""Leaving an account: what opened it is gone, what was read from it stays."""

import pytest
from django.db import IntegrityError, transaction

from billing.audit.models import AuditEvent
from billing.payments.models import Payment
from billing.providers.disconnect import PlatformInUse, disconnect_account
from billing.providers.locked import AlreadyDisconnected
from billing.providers.models import ProviderAccount
from billing.webhooks import receive
from billing.webhooks.models import WebhookEvent
from billing.webhooks.receive import UnknownConnection
from tests.billing.deliveries import charge, deliver, deliver_all, event, make_connection
from tests.billing.factories import TESTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    made = make_connection(key_last4="test", granted={"charge": ""})
    deliver_all(made, [event("charge.succeeded", charge())])
    return made


def test_key_and_secrets_are_gone_and_rows_stay(account):
    disconnect_account(account=account, by=TESTER)
    account.refresh_from_db()
    assert not account.is_connected
    assert account.disconnected_at
    assert account.api_key is None
    assert (account.key_last4, account.granted) == ("", {})
    assert not account.secrets.exists()
    assert Payment.objects.filter(account=account).count() == 1
    assert WebhookEvent.objects.filter(account=account).count() == 1
    assert AuditEvent.objects.get(action="connection.disconnected").object_id == account.public_id
    with pytest.raises(AlreadyDisconnected):
        disconnect_account(account=account, by=TESTER)


def test_the_door_is_shut(account, monkeypatch):
    disconnect_account(account=account, by=TESTER)
    # Another process would find out within a second.
    monkeypatch.setattr(receive, "_doors", {})
    with pytest.raises(UnknownConnection):
        deliver(account, event("charge.succeeded", charge(id="ch_late")))
    assert WebhookEvent.objects.filter(account=account).count() == 1


def test_a_platform_is_not_left_while_accounts_are_reached_through_it(account):
    ProviderAccount.objects.filter(pk=account.pk).update(is_platform=True)
    inside = make_connection(account.merchant, external_account="acct_inside", is_connect=True, platform=account)
    ProviderAccount.objects.filter(pk=inside.pk).update(api_key=None)
    with pytest.raises(PlatformInUse) as refused:
        disconnect_account(account=account, by=TESTER)
    assert refused.value.accounts == 1
    disconnect_account(account=inside, by=TESTER)
    disconnect_account(account=account, by=TESTER)


@pytest.mark.parametrize("wrong", [{"api_key": None}, {"status": "disconnected"}])
def test_the_database_keeps_keys_and_status_together(account, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderAccount.objects.filter(pk=account.pk).update(**wrong)
