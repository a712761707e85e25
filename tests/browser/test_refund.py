"""A refund under people's hands: asked for once however often it is clicked, and followed to its end (journey 3)."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from billing.commands.models import MoneyCommand
from billing.providers.stripe.types import EVENT_TYPES
from tests.billing import deliveries
from tests.browser.look import axe, every_look, ids
from tests.browser.site import Site
from tests.portal.people import make_merchant, make_person
from tests.simulator.processes import Simulator, running

KEY = "sk_test_of_a_bakery"
SLUG = "bakery"
OWNER = f"rosa@{SLUG}.example"
ROOT = f"/m/{SLUG}/test/"


@pytest.fixture
def processor() -> Iterator[Simulator]:
    with running() as simulator:
        # The door takes no signature of another day.
        simulator.control("POST", "/clock", follow=int(time.time()))
        yield simulator


@pytest.fixture
def bakery(browser, own_stack, processor, django_db_blocker) -> Iterator[Site]:
    """An installation of its own with a merchant that is connected to this processor, and a payment of 20.00 USD."""
    own_stack.start(COUNTERFOIL_PROCESSOR_BASES=processor.url)
    with Site(own_stack, django_db_blocker) as site:
        connection = site.ask(_open, processor.url)
        address = f"{site.url}/webhooks/stripe/{connection}/"
        endpoint = {"url": address, "enabled_events": list(EVENT_TYPES)}
        secret = processor.client(KEY).v1.webhook_endpoints.create(endpoint).secret
        site.ask(_trust, connection, secret)
        sell(processor, "AO-1", 20_00)
        yield site


def sell(processor: Simulator, order: str, amount: int) -> None:
    """A payment in USD that succeeds at once."""
    facts = {"amount": amount, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    automatic = {"enabled": True, "allow_redirects": "never"}
    processor.client(KEY).v1.payment_intents.create(
        {**facts, "automatic_payment_methods": automatic, "metadata": {"order_id": order}}
    )


def _open(base: str) -> str:
    merchant = make_merchant(SLUG)
    make_person(OWNER, merchant=merchant)
    return deliveries.make_connection(merchant, api_base=base, api_key=KEY).public_id


def _trust(connection: str, secret: str) -> None:
    account = deliveries.ProviderAccount.objects.get(public_id=connection)
    account.secrets.create(secret=secret, last4=secret[-4:], created_at=deliveries.clock.now())


def open_payment(page):
    page.goto(f"{ROOT}transactions/")
    page.get_by_role("link", name="AO-1").click(timeout=30_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)


def ask(page, amount=""):
    """Fills the form in, and reviews it."""
    if amount:
        page.get_by_label("A part of it").check()
        page.get_by_label("Amount").fill(amount)
    page.get_by_label("Reason").select_option("Problem with the product or service")
    page.get_by_role("button", name="Review").click()


def asked_for(site):
    return site.ask(lambda: list(MoneyCommand.objects.values_list("amount", flat=True)))


def test_a_double_click_refunds_once_and_the_other_tab_is_told(bakery, processor, open_page):
    one = open_page(bakery, OWNER)
    open_payment(one)
    other = open_page(bakery, OWNER, one.url.removeprefix(bakery.url))
    watching = open_page(bakery, OWNER, one.url.removeprefix(bakery.url))
    for page in (one, other):
        page.get_by_role("link", name="Refund", exact=True).click()
        expect(page.locator("#dialog")).to_contain_text("Refund the payment of 20.00 USD")
        assert ids(page) == []
        assert axe(page) == []
    ask(one, "12.30")
    dialog = one.locator("#dialog")
    expect(dialog.get_by_role("heading", name="Refund 12.30 USD to Visa •••• 4242")).to_be_focused()
    expect(dialog).to_contain_text("Remains refundable")
    expect(dialog).to_contain_text("7.70 USD")
    assert axe(one) == []
    dialog.get_by_role("button", name="Refund 12.30 USD").dblclick()
    expect(one).to_have_url(re.compile(r"/refunds/ref_\w+/"))
    # It tells by itself what the processor makes of it.
    expect(one.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)
    expect(one.locator(".cf-timeline")).to_contain_text("Sent to the processor")
    expect(one.locator(".cf-timeline")).to_contain_text("Pat Person")
    assert every_look(one) == []

    ask(other)
    expect(other.locator("#conflict")).to_contain_text("7.70 USD")
    expect(other.locator("#conflict")).to_contain_text("Nothing was sent for you.")
    assert axe(other) == []
    assert asked_for(bakery) == [1230]
    refunds = processor.client(KEY).v1.refunds.list({}).data
    assert [each.amount for each in refunds] == [1230]

    expect(watching.get_by_role("heading", level=1)).to_contain_text("Partially refunded", timeout=30_000)
    line = watching.locator("#timeline li", has_text="12.30 USD").filter(has_text="evt_")
    expect(line.first).to_be_visible(timeout=30_000)
    expect(watching.locator("#timeline")).to_contain_text("Refund of 12.30 USD asked for")


def test_without_scripts_it_is_asked_for_and_followed(bakery, processor, open_page):
    scripted = open_page(bakery, OWNER)
    open_payment(scripted)
    page = open_page(bakery, OWNER, scripted.url.removeprefix(bakery.url), java_script_enabled=False)
    page.get_by_role("link", name="Refund", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refund the payment of 20.00 USD")
    ask(page, "99")
    expect(page.locator(".cf-error-summary")).to_contain_text("99.00 USD is more than the 20.00 USD")
    page.get_by_label("Amount").fill("12.30")
    page.get_by_label("Note").fill("Zip of the tent fails.")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refund 12.30 USD to Visa •••• 4242")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_label("Amount")).to_have_value("12.30")
    expect(page.get_by_label("Note")).to_have_value("Zip of the tent fails.")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Refund 12.30 USD").dblclick()
    expect(page).to_have_url(re.compile(r"/refunds/ref_\w+/"))
    assert asked_for(bakery) == [1230]
    for _ in range(60):
        if "Succeeded" in page.get_by_role("heading", level=1).inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded")
    assert [each.amount for each in processor.client(KEY).v1.refunds.list({}).data] == [1230]


def test_what_is_wrong_in_the_dialog_takes_the_focus(bakery, open_page):
    page = open_page(bakery, OWNER)
    open_payment(page)
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_role("button", name="Review").click()
    summary = page.locator("#dialog .cf-error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Choose a reason.").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    # What goes with another choice is not in the way.
    expect(page.get_by_label("Amount")).to_be_hidden()
    expect(page.get_by_label("Tell Stripe")).to_be_hidden()
    page.get_by_label("Reason").select_option("Payment was fraudulent")
    page.get_by_label("A part of it").check()
    expect(page.get_by_label("Tell Stripe")).to_be_visible()
    expect(page.get_by_label("Amount")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="Refund", exact=True)).to_be_focused()
    assert asked_for(bakery) == []
