"""Somebody refunds several payments of the list, with scripts and without, and somebody else lets all of them go."""

import re

from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.commands.models import CommandBatch
from billing.merchants.models import Merchant
from tests.browser.look import axe, every_look, ids
from tests.browser.test_refund import OWNER, ROOT, SLUG, bakery, processor, sell
from tests.browser.test_refund_approved import asked_of_processor
from tests.portal.people import make_person

__all__ = ["bakery", "processor"]

SAM = f"sam@{SLUG}.example"


def _hire() -> None:
    make_person(SAM, merchant=Merchant.objects.get(slug=SLUG), role=MerchantRole.SUPPORT)


def choose(page):
    """Both payments, up to the form."""
    expect(page.locator("[data-list] [data-row]")).to_have_count(2, timeout=30_000)
    for box in page.locator('[data-list] input[name="row"]').all():
        box.check()
    page.get_by_role("button", name="Refund", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refund 2 payments")


def review(page):
    page.get_by_label("Reason").select_option("Goodwill")
    page.get_by_label("Note").fill("The course is called off.")
    page.get_by_role("button", name="Review the refunds").click()
    expect(page.locator("#main")).to_contain_text("A second person must approve these refunds before they are sent.")


def test_two_payments_are_asked_for_and_let_go_together(bakery, processor, open_page):
    bakery.ask(_hire)
    sell(processor, "AO-2", 30_00)
    sam = open_page(bakery, SAM, f"{ROOT}transactions/")
    choose(sam)
    assert axe(sam) == []
    # Who forgot the reason loses nothing.
    sam.get_by_label("Note").fill("The course is called off.")
    sam.get_by_role("button", name="Review the refunds").click()
    expect(sam.get_by_role("link", name="Choose a reason.")).to_be_visible()
    expect(sam.get_by_label("Note")).to_have_value("The course is called off.")
    assert axe(sam) == []
    review(sam)
    assert ids(sam) == []
    assert every_look(sam) == []
    sam.get_by_role("button", name="Ask to refund 2 payments, 50.00 USD").dblclick()
    expect(sam).to_have_url(re.compile(r"/refunds/batches/bat_\w+/"))
    expect(sam.get_by_role("heading", level=1)).to_contain_text("Approval waiting")
    assert bakery.ask(CommandBatch.objects.count) == 1
    assert asked_of_processor(processor) == []

    rosa = open_page(bakery, OWNER, f"{ROOT}approvals/")
    rosa.get_by_role("link", name="Refund of 2 payments").click()
    expect(rosa.locator("#main")).to_contain_text("AO-1")
    expect(rosa.locator("#main")).to_contain_text("AO-2")
    assert axe(rosa) == []
    rosa.get_by_role("button", name="Approve 50.00 USD").click()
    expect(rosa.locator("#main")).to_contain_text("approved it on")

    # Sam's page tells by itself.
    expect(sam.get_by_role("heading", level=1)).to_contain_text("Carried out", timeout=30_000)
    expect(sam.locator("#summary")).to_contain_text("2 of 2")
    assert every_look(sam) == []
    bakery.settle()
    assert sorted(asked_of_processor(processor)) == [20_00, 30_00]


def test_without_scripts_it_is_asked_for_and_withdrawn(bakery, processor, open_page):
    bakery.ask(_hire)
    sell(processor, "AO-2", 30_00)
    # Waits for the list to be filled.
    expect(open_page(bakery, SAM, f"{ROOT}transactions/").locator("[data-list] [data-row]")).to_have_count(
        2, timeout=30_000
    )
    sam = open_page(bakery, SAM, f"{ROOT}transactions/", java_script_enabled=False)
    choose(sam)
    review(sam)
    sam.get_by_role("button", name="Change").click()
    expect(sam.get_by_label("Note")).to_have_value("The course is called off.")
    review(sam)
    sam.get_by_role("button", name="Ask to refund 2 payments, 50.00 USD").click()
    sam.get_by_role("button", name="Withdraw").click()
    expect(sam.locator("body")).to_contain_text("Withdrawn: 2 refunds were not sent.")
    expect(sam.locator("#main")).to_contain_text("It was withdrawn before it was sent. Nothing was refunded.")
    bakery.settle()
    assert asked_of_processor(processor) == []
