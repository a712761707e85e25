"""Accounts leave their platform and come back."""

from datetime import timedelta

import pytest

from billing import clock
from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.providers.adopt import adopt_account
from billing.providers.leave import account_left, account_returned
from billing.providers.models import ConnectionStatus
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def account():
    platform = make_connection(is_platform=True)
    return adopt_account(platform=platform, external_account="acct_1", by=SYSTEM)


def lines(account) -> list[str]:
    chain = AuditEvent.objects.filter(merchant_id=account.merchant_id, object_id=account.public_id)
    return list(chain.order_by("seq").values_list("action", flat=True))[1:]


def test_leaving_disconnects_once(account):
    now = clock.now()
    assert account_left(account=account, at=now, by=SYSTEM)
    assert not account_left(account=account, at=now, by=SYSTEM)
    account.refresh_from_db()
    assert (account.status, account.left_at) == (ConnectionStatus.DISCONNECTED, now)
    assert lines(account) == ["connection.left"]


def test_what_is_later_brings_it_back(account):
    now = clock.now()
    account_left(account=account, at=now, by=SYSTEM)
    assert not account_returned(account=account, at=now, by=SYSTEM)
    assert account_returned(account=account, at=now + SECOND, by=SYSTEM)
    assert not account_returned(account=account, at=now + SECOND, by=SYSTEM)
    account.refresh_from_db()
    assert (account.status, account.left_at, account.disconnected_at) == (ConnectionStatus.CONNECTED, None, None)
    assert lines(account) == ["connection.left", "connection.returned"]


def test_leaving_again_counts_from_the_second_time(account):
    now = clock.now()
    account_left(account=account, at=now, by=SYSTEM)
    account_left(account=account, at=now + 2 * SECOND, by=SYSTEM)
    assert not account_returned(account=account, at=now + SECOND, by=SYSTEM)


def test_what_a_person_disconnected_stays_so(account):
    type(account).objects.filter(pk=account.pk).update(status=ConnectionStatus.DISCONNECTED)
    assert not account_returned(account=account, at=clock.now(), by=SYSTEM)
