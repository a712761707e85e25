"""A capture and a cancellation under people's hands: asked for once, and followed to the end on the payment's page."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from billing.commands.models import MoneyCommand
from tests.browser.look import axe, every_look, ids
from tests.browser.test_refund import KEY, OWNER, ROOT, bakery, processor

__all__ = ["bakery", "processor"]


@pytest.fixture
def held(bakery, processor):
    """The processor's id of a payment of 25.00 USD that waits to be captured."""
    facts = {"amount": 2500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    automatic = {"enabled": True, "allow_redirects": "never"}
    made = processor.client(KEY).v1.payment_intents.create(
        {
            **facts,
            "automatic_payment_methods": automatic,
            "capture_method": "manual",
            "metadata": {"order_id": "AO-2"},
        }
    )
    return made.id


def open_payment(page: Page) -> None:
    page.goto(f"{ROOT}transactions/")
    page.get_by_role("link", name="AO-2").click(timeout=30_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Authorised", timeout=30_000)


def wait_for(page: Page, words: str) -> None:
    """Without scripts nothing comes by itself."""
    for _ in range(60):
        if words in page.get_by_role("heading", level=1).inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def asked_for(site: Any) -> list[tuple[str, int]]:
    return site.ask(lambda: list(MoneyCommand.objects.values_list("kind", "amount")))


def test_a_double_click_captures_once_and_the_other_tab_is_told(bakery, processor, held, open_page):
    one = open_page(bakery, OWNER)
    open_payment(one)
    other = open_page(bakery, OWNER, one.url.removeprefix(bakery.url))
    one.get_by_role("link", name="Capture", exact=True).click()
    other.get_by_role("link", name="Cancel authorisation").click()
    for page, heading in ((one, "Capture the payment of 25.00 USD"), (other, "Cancel the authorisation of 25.00 USD")):
        expect(page.locator("#dialog")).to_contain_text(heading)
        assert ids(page) == []
        assert axe(page) == []
    dialog = one.locator("#dialog")
    expect(dialog.get_by_label("Amount")).to_be_hidden()
    dialog.get_by_label("A part of it").check()
    dialog.get_by_label("Amount").fill("99")
    dialog.get_by_role("button", name="Review the capture").click()
    expect(dialog.locator(".cf-error-summary")).to_be_focused()
    assert axe(one) == []
    dialog.get_by_label("Amount").fill("20")
    dialog.get_by_role("button", name="Review the capture").click()
    expect(dialog.get_by_role("heading", name="Capture 20.00 USD")).to_be_focused()
    expect(dialog).to_contain_text("Capture 20.00 USD of 25.00 USD; 5.00 USD is released to the customer")
    assert axe(one) == []
    dialog.get_by_role("button", name="Capture 20.00 USD").dblclick()
    # The page tells by itself what the processor makes of it.
    expect(one.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)
    expect(one.locator("#timeline")).to_contain_text("Captured 20.00 USD", timeout=30_000)
    expect(one.locator("#timeline")).to_contain_text("Capture of 20.00 USD asked for")
    expect(one.locator("#holds")).to_contain_text("Carried out", timeout=30_000)
    expect(one.get_by_role("link", name="Refund", exact=True)).to_be_visible()
    assert every_look(one) == []

    other.locator("#dialog").get_by_label("Reason").select_option("Paid twice")
    other.locator("#dialog").get_by_role("button", name="Review the cancellation").click()
    expect(other.locator("#dialog")).to_contain_text("The payment was captured already.")
    assert axe(other) == []
    assert asked_for(bakery) == [("capture", 2000)]
    assert processor.client(KEY).v1.payment_intents.retrieve(held).amount_received == 2000


def test_a_cancellation_is_asked_for_and_the_customer_let_go(bakery, processor, held, open_page):
    page = open_page(bakery, OWNER)
    open_payment(page)
    page.get_by_role("link", name="Cancel authorisation").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Reason").select_option("Order was abandoned")
    dialog.get_by_role("button", name="Review the cancellation").click()
    expect(dialog).to_contain_text("All 25.00 USD are released to the customer.")
    assert axe(page) == []
    dialog.get_by_role("button", name="Cancel the authorisation").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cancelled", timeout=30_000)
    expect(page.locator("#hold-reason")).to_contain_text("nothing is held any more")
    assert every_look(page) == []
    assert asked_for(bakery) == [("cancel", 2500)]
    assert processor.client(KEY).v1.payment_intents.retrieve(held).cancellation_reason == "abandoned"


def test_without_scripts_a_part_is_captured(bakery, processor, held, open_page):
    scripted = open_page(bakery, OWNER)
    open_payment(scripted)
    page = open_page(bakery, OWNER, scripted.url.removeprefix(bakery.url), java_script_enabled=False)
    page.get_by_role("link", name="Capture", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Capture the payment of 25.00 USD")
    page.get_by_label("A part of it").check()
    page.get_by_label("Amount").fill("0")
    page.get_by_label("Note").fill("Two of three boxes.")
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".cf-error-summary")).to_contain_text("Enter more than zero, from 0.01 USD to 25.00 USD.")
    expect(page.get_by_label("Note")).to_have_value("Two of three boxes.")
    page.get_by_label("Amount").fill("20")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Capture 20.00 USD")
    page.get_by_role("button", name="Capture 20.00 USD").dblclick()
    expect(page).to_have_url(re.compile(r"/transactions/pay_\w+/"))
    wait_for(page, "Succeeded")
    assert asked_for(bakery) == [("capture", 2000)]
    assert processor.client(KEY).v1.payment_intents.retrieve(held).amount_received == 2000


def test_without_scripts_what_was_asked_for_is_cancelled(bakery, processor, held, open_page):
    scripted = open_page(bakery, OWNER)
    open_payment(scripted)
    page = open_page(bakery, OWNER, scripted.url.removeprefix(bakery.url), java_script_enabled=False)
    page.get_by_role("link", name="Cancel authorisation").click()
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".cf-error-summary")).to_contain_text("Choose a reason.")
    page.get_by_label("Reason").select_option("Paid twice")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_label("Reason")).to_have_value("duplicate")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Cancel the authorisation").click()
    wait_for(page, "Cancelled")
    assert processor.client(KEY).v1.payment_intents.retrieve(held).status == "canceled"
