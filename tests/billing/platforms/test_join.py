"""An account belongs to a merchant that was here before."""

import pytest

from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.platforms.ask import ask_description
from billing.platforms.join import AccountInUse, join_account
from billing.providers.adopt import AdoptionRefused, adopt_account
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.sync.models import RunKind, SyncRun
from billing.sync.start import schedule_run
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import charge, deliver_to, event, make_connection, process_all
from tests.billing.factories import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform() -> ProviderAccount:
    return make_connection(is_platform=True)


@pytest.fixture
def acme() -> Merchant:
    return make_merchant(slug="acme")


def join(platform: ProviderAccount, merchant: Merchant) -> ProviderAccount:
    return join_account(platform=platform, external_account="acct_1", merchant=merchant, by=SYSTEM)


def adopt(platform: ProviderAccount) -> ProviderAccount:
    return adopt_account(platform=platform, external_account="acct_1", by=SYSTEM)


def test_before_its_first_event_it_is_made_at_the_merchant(platform, acme):
    account = join(platform, acme)
    assert account.merchant == acme
    assert deliver_to(platform, event("charge.succeeded", charge(), account="acct_1")).merchant == acme
    assert Merchant.objects.count() == 2


def test_the_merchant_that_was_opened_for_it_vanishes(platform, acme):
    automatic = adopt(platform).merchant
    assert join(platform, acme).merchant == acme
    assert not Merchant.objects.filter(pk=automatic.pk).exists()
    assert AuditEvent.objects.filter(merchant_id=automatic.pk).order_by("seq").last().action == "merchant.closed"
    joined = AuditEvent.objects.get(merchant_id=acme.pk, action="connection.joined")
    assert joined.before == {"merchant": automatic.slug}


def test_events_that_wait_move_along(platform, acme):
    row = deliver_to(platform, event("charge.succeeded", charge(), account="acct_1"))
    ask_description([row.account_id])
    join(platform, acme)
    row.refresh_from_db()
    assert row.merchant == acme
    process_all()
    assert Payment.objects.get().merchant == acme


def test_what_is_mirrored_already_stays_where_it_is(platform, acme):
    row = deliver_to(platform, event("charge.succeeded", charge(), account="acct_1"))
    process_all()
    with pytest.raises(AccountInUse, match="has a payment"):
        join(platform, acme)
    row.account.refresh_from_db()
    assert row.account.merchant == row.merchant != acme


def test_an_event_in_a_workers_hands_is_waited_for(platform, acme):
    deliver_to(platform, event("charge.succeeded", charge(), account="acct_1"))
    WebhookEvent.objects.update(state=State.LEASED)
    with pytest.raises(AccountInUse, match="being worked on"):
        join(platform, acme)


def test_a_reading_that_has_not_begun_moves_along(platform, acme):
    run = schedule_run(account=adopt(platform), kind=RunKind.BACKFILL)
    join(platform, acme)
    assert SyncRun.objects.get().account.merchant == acme
    SyncRun.objects.update(state=State.LEASED)
    with pytest.raises(AccountInUse, match="being worked on"):
        join(platform, make_merchant())
    assert run is not None


def test_a_merchant_with_something_of_its_own_stays(platform, acme):
    automatic = adopt(platform).merchant
    make_connection(automatic)
    join(platform, acme)
    assert Merchant.objects.filter(pk=automatic.pk).exists()


def test_a_merchant_that_was_opened_by_hand_stays(platform, acme):
    globex = make_merchant(slug="globex")
    join(platform, globex)
    join(platform, acme)
    assert Merchant.objects.filter(pk=globex.pk).exists()


def test_joining_again_changes_nothing(platform, acme):
    assert join(platform, acme) == join(platform, acme)
    assert AuditEvent.objects.filter(merchant_id=acme.pk).count() == 1


def test_joining_connects_again_what_a_person_disconnected(platform, acme):
    account = join(platform, acme)
    ProviderAccount.objects.filter(pk=account.pk).update(status=ConnectionStatus.DISCONNECTED)
    join(platform, acme)
    assert platform.accounts.get().status == ConnectionStatus.CONNECTED
    assert AuditEvent.objects.filter(merchant_id=acme.pk, action="connection.reconnected").count() == 1


def test_a_merchant_with_its_own_connection_to_the_account_is_refused(platform):
    own = make_connection(is_connect=True, external_account="acct_1")
    adopt(platform)
    with pytest.raises(AdoptionRefused, match="already"):
        join(platform, own.merchant)
