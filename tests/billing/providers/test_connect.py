"""Connecting an account, over HTTP with the stand-in processor."""

import pytest
from django.test import override_settings

from billing.audit.models import AuditEvent
from billing.crypto import reveal
from billing.outbox.models import OutboxEvent
from billing.providers.adopt import adopt_account
from billing.providers.base import ProviderUnavailable
from billing.providers.connect import AlreadyConnected, connect_account, connect_stripe
from billing.providers.disconnect import disconnect_account
from billing.providers.given import ConnectionRefused, SecretTooShort, WrongMode
from billing.providers.look import KeyLacksPermissions, KeyRefused
from billing.providers.models import ProviderAccount
from tests.billing.factories import TESTER, make_merchant
from tests.billing.providers.gatekeeper import keeping_back

pytestmark = pytest.mark.django_db
SECRET = "whsec_of_the_endpoint"


@pytest.fixture
def merchant():
    return make_merchant()


@pytest.fixture
def connect(merchant, access):
    """With a key of this test's own; ``base`` is where it leads to."""

    def call(**given):
        values = {"api_key": access.api_key, "webhook_secret": SECRET, "api_base": access.api_base, **given}
        with override_settings(PROCESSOR_BASES=[values["api_base"]]):
            return connect_account(merchant=merchant, livemode=False, by=TESTER, **values)

    return call


def test_a_connection_learns_account_name_and_permissions(connect, access, simulator):
    client = simulator.client(access.api_key)
    account = client.v1.accounts.retrieve_current()
    client.v1.accounts.update(account.id, {"business_profile": {"name": "Rosa's Bakery"}})
    made = connect()
    made.refresh_from_db()
    assert made.external_account == account.id
    assert made.name == "Rosa's Bakery"
    assert made.key_last4 == access.api_key[-4:]
    assert set(made.granted.values()) == {""}
    assert {"charge", "events", "account"} <= set(made.granted)
    assert made.tested_at
    assert reveal(made, "api_key") == access.api_key
    assert [reveal(row, "secret") for row in made.secrets.all()] == [SECRET]
    event = AuditEvent.objects.get(action="connection.created")
    assert event.object_id == made.public_id
    assert access.api_key not in str(event.after)
    assert OutboxEvent.objects.filter(type="connection.changed", object_id=made.public_id).count() == 1


def test_the_secret_may_come_later(connect):
    assert not connect(webhook_secret="").secrets.exists()


def test_a_platform_says_so(connect):
    assert connect(is_platform=True).is_platform


def test_a_connect_account_is_reached_through_its_platforms_key(connect, access, simulator):
    connected = simulator.client(access.api_key).v1.accounts.create({"type": "standard", "country": "FR"})
    made = connect(account=connected.id)
    assert (made.external_account, made.is_connect) == (connected.id, True)
    with pytest.raises(KeyRefused, match="no access to the account acct_nobody"):
        connect(account="acct_nobody")


@pytest.mark.parametrize(
    ("given", "refusal", "text", "field"),
    [
        ({"api_key": "sk_live_of_a_test"}, WrongMode, "This is a key of live mode", "api_key"),
        ({"api_key": "pk_test_of_a_test"}, WrongMode, "publishable", "api_key"),
        ({"api_key": "nonsense"}, WrongMode, "sk_test_ or rk_test_", "api_key"),
        ({"webhook_secret": "whsec"}, SecretTooShort, "too short", "webhook_secret"),
        ({"account": "nonsense"}, ConnectionRefused, "starts with acct_", "account"),
        ({"account": "acct_1", "is_platform": True}, ConnectionRefused, "its own key", "is_platform"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anybody_is_asked(connect, given, refusal, text, field):
    with pytest.raises(refusal, match=text) as refused:
        connect(**given)
    assert refused.value.field == field
    assert not ProviderAccount.objects.exists()


def test_a_base_that_nobody_allowed_is_refused(merchant):
    with pytest.raises(ConnectionRefused, match="COUNTERFOIL_PROCESSOR_BASES"):
        connect_account(
            merchant=merchant, livemode=False, api_key="sk_test_x", api_base="http://127.0.0.1:9", by=TESTER
        )


def test_a_key_that_the_processor_does_not_know_connects_nothing(connect):
    with pytest.raises(KeyRefused, match="does not know the key"):
        connect(api_key="sk_test_!")
    assert not ProviderAccount.objects.exists()


def test_a_key_that_may_read_too_little_is_told_what_it_lacks(connect, access):
    lacking = pytest.raises(KeyLacksPermissions, match=r"may not read disputes, payouts and reviews\.")
    with keeping_back(access.api_base, "/v1/disputes", "/v1/payouts", "/v1/reviews") as base, lacking:
        connect(api_base=base)
    assert not ProviderAccount.objects.exists()


def test_a_key_that_may_read_all_that_matters_is_enough(connect, access):
    with keeping_back(access.api_base, "/v1/reviews", "/v1/account") as base:
        made = connect(api_base=base)
    assert made.external_account == ""
    assert "rak_reviews_read" in made.granted["review"]
    assert made.granted["charge"] == ""


def test_a_processor_that_does_not_answer_connects_nothing(connect):
    with pytest.raises(ProviderUnavailable):
        connect(api_base="http://127.0.0.1:9")
    assert not ProviderAccount.objects.exists()


def test_an_account_is_connected_once_whichever_key_is_given(connect, access):
    connect()
    with pytest.raises(AlreadyConnected, match="already connected in test mode"):
        connect()
    # The stand-in knows both keys as the same account.
    with pytest.raises(AlreadyConnected):
        connect(api_key=access.api_key.replace("sk_", "rk_"))
    assert ProviderAccount.objects.count() == 1


def test_a_connection_that_does_not_know_its_account_is_known_by_its_key(connect, merchant, access):
    with override_settings(PROCESSOR_BASES=[access.api_base]):
        connect_stripe(
            merchant=merchant,
            livemode=False,
            api_key=access.api_key,
            webhook_secret=SECRET,
            account="",
            api_base=access.api_base,
            by=TESTER,
        )
    with pytest.raises(AlreadyConnected):
        connect()


def test_an_account_of_a_platform_keeps_the_platforms_key(connect, merchant, access, simulator):
    connected = simulator.client(access.api_key).v1.accounts.create({"type": "standard", "country": "FR"})
    platform = connect(is_platform=True)
    adopt_account(platform=platform, external_account=connected.id, merchant=merchant, by=TESTER)
    with pytest.raises(ConnectionRefused, match="through its platform"):
        connect(account=connected.id)


def test_an_account_that_was_left_comes_back_as_the_same_connection(connect, access):
    made = connect()
    disconnect_account(account=made, by=TESTER)
    back = connect(webhook_secret="whsec_of_another_time", api_key=access.api_key.replace("sk_", "rk_"))
    assert back.pk == made.pk
    assert back.is_connected
    assert back.disconnected_at is None
    assert back.reconnected_at
    assert [row.last4 for row in back.secrets.all()] == ["time"]
    assert AuditEvent.objects.filter(action="connection.reconnected", object_id=made.public_id).exists()


class TestByCommand:
    @pytest.fixture
    def connect_stripe_(self, merchant, access):
        def call(**given):
            values = {"api_key": access.api_key, "webhook_secret": SECRET, "api_base": access.api_base, **given}
            with override_settings(PROCESSOR_BASES=[access.api_base]):
                return connect_stripe(merchant=merchant, livemode=False, account="", by=TESTER, **values)

        return call

    def test_nobody_is_asked_and_a_second_time_adds_the_new_secret(self, connect_stripe_):
        first = connect_stripe_(api_base="")
        again = connect_stripe_(api_base="", webhook_secret="whsec_of_another_endpoint")
        assert first.pk == again.pk
        assert first.secrets.count() == 2
        assert AuditEvent.objects.filter(action__startswith="connection.").count() == 2
        connect_stripe_(api_base="")
        assert AuditEvent.objects.filter(action__startswith="connection.").count() == 2

    def test_a_new_key_of_the_same_account_replaces_the_old_one(self, connect, connect_stripe_, access):
        made = connect()
        again = connect_stripe_(api_key=access.api_key.replace("sk_", "rk_"))
        assert again.pk == made.pk
        assert reveal(again, "api_key").startswith("rk_")

    def test_a_key_of_another_account_is_another_connection(self, connect, connect_stripe_, make_access):
        made = connect()
        other = connect_stripe_(api_key=make_access().api_key)
        assert other.pk != made.pk
        made.refresh_from_db()
        assert reveal(made, "api_key") != reveal(other, "api_key")
