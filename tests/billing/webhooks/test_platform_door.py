"""A platform's one door: each event goes to the account that it names."""

import json

import pytest

from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.providers.base import CallbackRefused
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.webhooks import accounts
from billing.webhooks.keep import together
from billing.webhooks.models import WebhookEvent
from billing.webhooks.receive import receive
from tests.billing.deliveries import charge, deliver_to, event, intent, make_connection, process_all, signature
from tests.billing.factories import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform() -> ProviderAccount:
    return make_connection(is_platform=True)


def send(platform: ProviderAccount, account: str | None, **fields) -> WebhookEvent:
    return deliver_to(platform, event("charge.succeeded", charge(), account=account, **fields))


def forget() -> None:
    accounts._known.clear()


def test_an_event_of_an_unknown_account_makes_it_and_is_kept_there(platform):
    row = send(platform, "acct_1")
    assert row.account.external_account == "acct_1"
    assert row.account.platform == platform
    assert row.merchant == row.account.merchant != platform.merchant


@pytest.mark.parametrize("account", [None, "acct_platform"])
def test_an_event_without_an_account_or_with_its_own_is_the_platforms(account):
    platform = make_connection(is_platform=True, external_account="acct_platform")
    row = send(platform, account)
    assert (row.account, row.merchant) == (platform, platform.merchant)


def test_accounts_are_made_once_and_kept_apart(platform):
    rows = [send(platform, account) for account in ("acct_1", "acct_2", "acct_1")]
    assert rows[0].account == rows[2].account != rows[1].account
    assert platform.accounts.count() == 2


def test_an_account_that_is_known_costs_no_more_than_the_row(platform, django_assert_num_queries):
    send(platform, "acct_1")
    body = json.dumps(event("charge.succeeded", charge(), account="acct_1")).encode()
    headers = {"stripe-signature": signature(body)}
    with django_assert_num_queries(1):
        receive(provider="stripe", connection_id=platform.public_id, body=body, headers=headers, address="")


def test_accounts_are_made_while_rows_are_gathered(platform):
    bodies = [json.dumps(event("charge.succeeded", charge(), account=f"acct_{n % 3}")).encode() for n in range(6)]
    with together():
        for body in bodies:
            headers = {"stripe-signature": signature(body)}
            receive(provider="stripe", connection_id=platform.public_id, body=body, headers=headers, address="")
        assert platform.accounts.count() == 3
    assert sorted(WebhookEvent.objects.values_list("account__external_account", flat=True)) == [
        *["acct_0", "acct_0", "acct_1", "acct_1", "acct_2", "acct_2"]
    ]


def test_what_does_not_verify_makes_no_account(platform):
    body = json.dumps(event("charge.succeeded", charge(), account="acct_1")).encode()
    headers = {"stripe-signature": signature(body, secret="whsec_of_somebody_else")}
    with pytest.raises(CallbackRefused):
        receive(provider="stripe", connection_id=platform.public_id, body=body, headers=headers, address="")
    assert Merchant.objects.count() == 1


@pytest.mark.parametrize(
    ("account", "fields"), [("acct_1", {"livemode": True}), ("cus_1", {}), ("acct_" + "x" * 60, {})]
)
def test_refused_events_make_no_account(platform, account, fields):
    with pytest.raises(CallbackRefused):
        send(platform, account, **fields)
    assert not platform.accounts.exists()
    assert not WebhookEvent.objects.exists()


def test_a_flood_of_accounts_ends_at_the_limit(platform, settings):
    settings.MOST_ADOPTED = 2
    for number in range(2):
        send(platform, f"acct_{number}")
    with pytest.raises(CallbackRefused, match="no more"):
        send(platform, "acct_2")
    send(platform, "acct_1")
    assert platform.accounts.count() == 2


def test_known_accounts_take_bounded_memory(platform, monkeypatch):
    forget()
    monkeypatch.setattr(accounts, "_MOST_KNOWN", 2)
    for number in range(4):
        send(platform, f"acct_{number}")
    assert [account for _, account in accounts._known] == ["acct_2", "acct_3"]
    send(platform, "acct_0")
    assert platform.accounts.count() == 4


def test_an_account_that_a_person_disconnected_is_refused(platform):
    send(platform, "acct_1")
    platform.accounts.update(status=ConnectionStatus.DISCONNECTED)
    forget()
    with pytest.raises(CallbackRefused, match="disconnected"):
        send(platform, "acct_1")


def test_another_platforms_account_of_that_id_is_another():
    rows = [send(make_connection(is_platform=True), "acct_1") for _ in range(2)]
    assert rows[0].account != rows[1].account
    assert rows[0].merchant != rows[1].merchant


def test_payments_of_equal_ids_stay_with_their_merchants(platform):
    for account, amount in (("acct_1", 1000), ("acct_2", 7000), (None, 300)):
        deliver_to(platform, event("payment_intent.created", intent(amount=amount), account=account))
    process_all()
    for account, amount in (("acct_1", 1000), ("acct_2", 7000)):
        merchant = platform.accounts.get(external_account=account).merchant
        assert [row.amount for row in Payment.objects.for_merchant(merchant, False)] == [amount]
    assert [row.amount for row in Payment.objects.for_merchant(platform.merchant, False)] == [300]


def test_an_event_that_was_kept_while_its_account_changed_hands_goes_along(platform):
    row = send(platform, "acct_1")
    chosen = make_merchant()
    platform.accounts.update(merchant=chosen)
    process_all()
    row.refresh_from_db()
    assert row.merchant == chosen
    assert Payment.objects.get().merchant == chosen


def test_test_events_that_come_to_the_live_door_belong_to_the_platforms_test_mode(platform):
    live = make_connection(platform.merchant, is_platform=True, livemode=True)
    row = send(live, "acct_1")
    assert (row.account.platform, row.livemode, row.account.livemode) == (platform, False, False)
    assert send(live, "acct_1", livemode=True).account.platform == live
    for where, fields in ((platform, {"livemode": True}), (live, {"account": None})):
        with pytest.raises(CallbackRefused, match="mode"):
            deliver_to(where, event("x", intent(), **{"account": "acct_1", "livemode": False, **fields}))


def test_test_events_at_the_live_door_are_refused_without_a_connection_for_them():
    others = make_connection(is_platform=True)
    live = make_connection(is_platform=True, livemode=True)
    with pytest.raises(CallbackRefused, match="mode"):
        send(live, "acct_1")
    assert not others.accounts.exists()
