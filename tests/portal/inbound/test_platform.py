"""A platform with three accounts: the simulator delivers to one door, and real processes do the rest."""

import time
from collections.abc import Callable, Iterator

import pytest

from billing import clock
from billing.payments.models import Payment
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import OPEN
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import make_connection
from tests.simulator.processes import Simulator, running

KEY = "sk_test_bazaar"
EVENTS = ["payment_intent.*"]
SHOPS = {
    "Outdoor": ("FR", "eur", [1200, 4599, 88]),
    "Kahawa": ("KE", "kes", [50000, 120000]),
    "Books": ("US", "usd", [999]),
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


def listen(simulator: Simulator, platform: ProviderAccount, url: str) -> None:
    """Two endpoints at the processor, one for the platform's own events and one for those of its accounts."""
    for connect in (False, True):
        endpoint = simulator.client(KEY).v1.webhook_endpoints.create(
            {"url": url, "enabled_events": ["*"], "connect": connect}
        )
        platform.secrets.create(secret=endpoint.secret, last4=endpoint.secret[-4:], created_at=clock.now())


def open_shops(simulator: Simulator) -> dict[str, str]:
    client, opened = simulator.client(KEY), {}
    for name, (country, _, _) in SHOPS.items():
        given = {"type": "standard", "country": country, "business_profile": {"name": name}}
        opened[name] = client.v1.accounts.create(given).id
        simulator.control("POST", "/onboard", account=opened[name])
    return opened


def sell(simulator: Simulator, account: str | None, amount: int, currency: str) -> str:
    inside = {"stripe_account": account} if account else {}
    given = {"amount": amount, "currency": currency, "payment_method": "pm_card_visa", "confirm": True}
    given |= {"return_url": "https://shop.example/"}
    return simulator.client(KEY).v1.payment_intents.create(given, inside).id


def wait_for(condition: Callable[[], bool], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, list(
            WebhookEvent.objects.filter(OPEN).values_list("type", "state", "error")[:5]
        )
        time.sleep(0.1)


def test_what_happens_at_each_account_is_seen_by_its_merchant_only(live_stack, simulator):
    platform = make_connection(is_platform=True, api_base=simulator.url, api_key=KEY)
    listen(simulator, platform, f"{live_stack.url}/webhooks/stripe/{platform.public_id}/")
    shops = open_shops(simulator)
    sold = {
        account: {sell(simulator, account, amount, SHOPS[name][1]): amount for amount in SHOPS[name][2]}
        for name, account in shops.items()
    }
    own = sell(simulator, None, 4242, "eur")
    simulator.control("POST", "/deliveries/settle")
    deliveries = simulator.control("GET", "/deliveries")
    assert {(each["status"], each["attempts"]) for each in deliveries} == {(200, 1)}

    of_platform = WebhookEvent.objects.filter(account__in=[platform.pk, *platform.accounts.values_list("pk")])
    assert of_platform.count() == len(deliveries)
    wait_for(lambda: not of_platform.filter(OPEN).exists())

    for name, account in shops.items():
        merchant = platform.accounts.get(external_account=account).merchant
        payments = Payment.objects.for_merchant(merchant, False)
        assert dict(payments.values_list("external_id", "amount")) == sold[account]
        assert set(payments.values_list("status", flat=True)) == {"succeeded"}
        wait_for(lambda merchant=merchant, name=name: type(merchant).objects.get(pk=merchant.pk).name == name)
        merchant.refresh_from_db()
        assert merchant.default_currency == SHOPS[name][1].upper()
    assert Payment.objects.for_merchant(platform.merchant, False).get().external_id == own
    assert platform.accounts.count() == len(shops)

    simulator.control("POST", "/deauthorize", account=shops["Books"])
    simulator.control("POST", "/deliveries/settle")
    wait_for(lambda: platform.accounts.get(external_account=shops["Books"]).status == ConnectionStatus.DISCONNECTED)
    assert platform.accounts.filter(status=ConnectionStatus.CONNECTED).count() == 2
