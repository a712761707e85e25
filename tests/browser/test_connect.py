"""An owner connects an account by following the page alone, and what is at the processor appears."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from billing.providers.stripe.types import EVENT_TYPES
from tests.browser.site import Site
from tests.portal.people import make_merchant, make_person
from tests.simulator.processes import Simulator, running

KEY = "sk_test_of_a_bakery"
SLUG = "bakery"
OWNER = f"rosa@{SLUG}.example"


@pytest.fixture
def processor() -> Iterator[Simulator]:
    with running() as simulator:
        # The door takes no signature of another day.
        simulator.control("POST", "/clock", follow=int(time.time()))
        yield simulator


@pytest.fixture
def bakery(browser, own_stack, processor, django_db_blocker) -> Iterator[Site]:
    """An installation of its own, which may ask this processor, with one merchant and its owner."""
    own_stack.start(COUNTERFOIL_PROCESSOR_BASES=processor.url)
    with Site(own_stack, django_db_blocker) as site:
        site.ask(lambda: make_person(OWNER, merchant=make_merchant(SLUG)).email)
        yield site


def pay(processor: Simulator, amount: int) -> str:
    facts = {"amount": amount, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    automatic = {"enabled": True, "allow_redirects": "never"}
    return processor.client(KEY).v1.payment_intents.create({**facts, "automatic_payment_methods": automatic}).id


def test_an_account_is_connected_read_and_kept_up_to_date(bakery, processor, open_page):
    pay(processor, 1234)
    page = open_page(bakery, OWNER, f"/m/{SLUG}/test/settings/connections/")
    page.get_by_role("link", name="Connect Stripe").click()
    page.get_by_label("API key").fill(KEY)
    page.get_by_label("Simulated processor").select_option(processor.url)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("There is no webhook secret")).to_be_visible()
    # The page is not loaded again: it tells by itself that everything was read.
    facts = page.locator(".cf-facts div", has=page.get_by_text("Last full sync", exact=True))
    expect(facts).to_contain_text("of everything", timeout=60_000)

    address = page.locator("#webhook .cf-copy code").inner_text()
    facts = {"url": address, "enabled_events": list(EVENT_TYPES)}
    endpoint = processor.client(KEY).v1.webhook_endpoints.create(facts)
    page.get_by_role("link", name="Add webhook secret").click()
    page.get_by_label("New signing secret").fill(endpoint.secret)
    page.get_by_role("button", name="Add the secret").click()
    expect(page.get_by_text(f"•••• {endpoint.secret[-4:]}")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Connected")

    pay(processor, 5678)
    page.goto(f"/m/{SLUG}/test/transactions/")
    for amount in ("12.34", "56.78"):
        expect(page.get_by_text(re.compile(re.escape(amount))).first).to_be_visible(timeout=30_000)
