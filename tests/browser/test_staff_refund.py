"""A refund that an agent of the staff asks for: the merchant's owner lets it go, and the agent sees it arrive."""

import re

from playwright.sync_api import expect

from billing.access.roles import StaffRole
from billing.approvals.models import Approval
from portal.accounts.user import User
from tests.browser.look import axe, every_look, ids
from tests.browser.test_refund import OWNER, ROOT, bakery, processor
from tests.browser.test_refund_approved import asked_of_processor
from tests.portal.people import make_person

__all__ = ["bakery", "processor"]

ANN = "ann@platform.example"
SECOND = "A second person must approve this refund before it is sent."


def _hire() -> None:
    make_person(ANN, staff_role=StaffRole.AGENT)
    for email, name in ((ANN, "Ann Agent"), (OWNER, "Rosa Owner")):
        User.objects.filter(email=email).update(name=name)


def asks(page):
    """Ann asks for a part in the dialog of the payment's page, and lands on the page of the refund."""
    page.goto("/ops/transactions/?mode=test")
    page.get_by_role("link", name="AO-1").click(timeout=30_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)
    page.get_by_role("link", name="Refund", exact=True).click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("A part of it").check()
    dialog.get_by_label("Amount").fill("12.30")
    dialog.get_by_label("Reason").select_option("Goodwill")
    assert ids(page) == []
    assert axe(page) == []
    dialog.get_by_role("button", name="Review").click()
    expect(dialog).to_contain_text(SECOND)
    expect(dialog).to_contain_text("Rosa Owner · Risk leads and Finance ops of the platform’s staff")
    assert axe(page) == []
    dialog.get_by_role("button", name="Ask to refund 12.30 USD").dblclick()
    expect(page).to_have_url(re.compile(r"/ops/transactions/pay_\w+/refunds/ref_\w+/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Approval waiting")
    assert every_look(page) == []


def test_an_agent_asks_and_the_merchants_owner_lets_it_go(bakery, processor, open_page):
    bakery.ask(_hire)
    ann = open_page(bakery, ANN)
    asks(ann)
    approval = bakery.ask(lambda: Approval.objects.get().public_id)

    rosa = open_page(bakery, OWNER, f"{ROOT}approvals/{approval}/")
    expect(rosa.locator("#main")).to_contain_text("Ann Agent may refund nothing alone.")
    expect(rosa.locator("#main")).to_contain_text("The platform’s staff")
    assert axe(rosa) == []
    assert asked_of_processor(processor) == []
    rosa.get_by_role("button", name="Approve 12.30 USD").click()
    expect(rosa.locator("#main")).to_contain_text("Rosa Owner approved it on")

    # Ann's page tells of it by itself, and leads back to the payment.
    expect(ann.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)
    bakery.settle()
    assert asked_of_processor(processor) == [12_30]
    assert every_look(ann) == []
    ann.get_by_role("link", name="To the payment").click()
    expect(ann.locator("#refunds")).to_contain_text("Goodwill")
    expect(ann.locator(".cf-timeline")).to_contain_text("Ann Agent of the platform’s staff")


def test_without_scripts_an_agent_asks_page_by_page(bakery, open_page):
    bakery.ask(_hire)
    page = open_page(bakery, ANN, "/ops/transactions/?mode=test", java_script_enabled=False)
    for _ in range(60):
        if page.get_by_role("link", name="AO-1").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_role("link", name="AO-1").click()
    page.get_by_role("link", name="Refund", exact=True).click()
    main = page.locator("#main")
    main.get_by_label("Reason").select_option("Goodwill")
    main.get_by_role("button", name="Review").click()
    expect(main).to_contain_text(SECOND)
    main.get_by_role("button", name="Ask to refund 20.00 USD").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Approval waiting")
    main.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Withdrawn")
