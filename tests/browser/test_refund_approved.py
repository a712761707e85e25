"""A refund above Support's limit: announced, asked for, let go by a Risk lead, and sent once (journey 4)."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.models import Approval
from billing.clock import now
from billing.commands.models import CommandState, MoneyCommand
from billing.limits.models import Action, RoleLimit
from billing.merchants.models import Merchant
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.user import User
from portal.management.commands.otp import unused_code
from tests.browser.look import axe, every_look, ids
from tests.browser.test_refund import KEY, OWNER, ROOT, SLUG, bakery, processor, sell
from tests.portal.people import make_person, signed_in

__all__ = ["bakery", "processor"]

SAM, RITA = f"sam@{SLUG}.example", "rita@platform.example"
ANNOUNCED = "A second person must approve this refund before it is sent."


def _hire() -> None:
    """Sam may refund 50.00 USD alone; Rita leads on risk."""
    shop = Merchant.objects.get(slug=SLUG)
    people = {
        "Sam Support": make_person(SAM, merchant=shop, role=MerchantRole.SUPPORT),
        "Rita Risk": make_person(RITA, staff_role=StaffRole.RISKLEAD),
        "Rosa Owner": User.objects.get(email=OWNER),
    }
    for name, person in people.items():
        User.objects.filter(pk=person.pk).update(name=name)
    place = {"merchant": shop, "livemode": False, "role": MerchantRole.SUPPORT, "action": Action.REFUND}
    RoleLimit.objects.create(**place, currency="USD", single=50_00, daily=50_00)


def _signed_in_a_while_ago(email: str) -> str:
    return signed_in(User.objects.get(email=email), factor_at=now() - timedelta(minutes=6)).cookies["session"].value


def _code(email: str) -> str:
    return unused_code(confirmed_authenticator(User.objects.get(email=email)))


def review(page, *, dialog):
    """A refund of 80.00 USD with a reason, up to its review."""
    page.get_by_role("link", name="Refund", exact=True).click()
    where = page.locator("#dialog" if dialog else "#main")
    where.get_by_label("A part of it").check()
    where.get_by_label("Amount").fill("80")
    where.get_by_label("Reason").select_option("Goodwill")
    where.get_by_label("Note").fill("Agreed by phone.")
    where.get_by_role("button", name="Review").click()
    expect(where).to_contain_text(ANNOUNCED)
    expect(where).to_contain_text("Your role refunds up to 50.00 USD of one payment alone.")
    expect(where).to_contain_text("Rosa Owner · Risk leads and Finance ops of the platform’s staff")
    return where


def asked_of_processor(processor):
    """Amounts of every call for a refund that came, whatever became of it."""
    calls = processor.control("GET", "/journal")
    return [int(call["params"]["amount"]) for call in calls if call["path"] == "/v1/refunds"]


def ask(page):
    """Sam asks, and lands on the refund's page."""
    dialog = review(page, dialog=True)
    assert ids(page) == []
    assert axe(page) == []
    dialog.get_by_role("button", name="Ask to refund 80.00 USD").click()
    expect(page).to_have_url(re.compile(r"/refunds/ref_\w+/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Approval waiting")
    assert every_look(page) == []


def tries_to_approve(page, approval):
    """Whoever may not reads why and who could change that, at the address and from the form that it has for others."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    refused = page.goto(f"{ROOT}approvals/{approval}/")
    expect(page.locator("main")).to_contain_text("Your role does not let you approve what somebody else asks for.")
    expect(page.locator("main")).to_contain_text("It can be granted by an Owner or Admin of Bakery.")
    assert axe(page) == []
    form = {"csrfmiddlewaretoken": token, "comment": "Fine."}
    answer = page.request.post(f"{ROOT}approvals/{approval}/approve/", form=form, headers={"Referer": page.url})
    assert "approve what somebody else asks for" in answer.text()
    page.go_back()
    return refused.status, answer.status


def read_and_approve(page):
    """From the list to the button, which asks for a fresh code first."""
    page.goto("/ops/approvals/")
    assert axe(page) == []
    page.get_by_role("link", name="Refund of AO-2").click()
    expect(page.locator("#main")).to_contain_text("Sam Support may refund up to 50.00 USD of one payment alone")
    assert axe(page) == []
    page.get_by_label("Comment").fill("Known customer.")
    page.get_by_role("button", name="Approve 80.00 USD").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    assert axe(page) == []


def test_support_asks_and_a_risk_lead_lets_it_go(bakery, processor, open_page):
    bakery.ask(_hire)
    sell(processor, "AO-2", 200_00)
    sam = open_page(bakery, SAM, f"{ROOT}transactions/")
    sam.get_by_role("link", name="AO-2").click(timeout=30_000)
    expect(sam.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)
    # Announced on the page where nothing runs scripts, too.
    review(open_page(bakery, SAM, sam.url, java_script_enabled=False), dialog=False)
    ask(sam)
    approval = bakery.ask(lambda: Approval.objects.get().public_id)
    assert tries_to_approve(sam, approval) == (403, 403)
    assert bakery.ask(lambda: MoneyCommand.objects.get().command_state) == CommandState.REQUESTED

    rita = open_page(bakery)
    cookie = bakery.ask(_signed_in_a_while_ago, RITA)
    rita.context.add_cookies([{"name": "session", "value": cookie, "url": bakery.url}])
    read_and_approve(rita)
    assert asked_of_processor(processor) == []
    rita.get_by_label("Code", exact=True).fill(bakery.ask(_code, RITA))
    rita.get_by_role("button", name="Confirm").click()
    expect(rita.get_by_label("Comment")).to_have_value("Known customer.")
    rita.get_by_role("button", name="Approve 80.00 USD").dblclick()
    expect(rita.locator("#main")).to_contain_text("Rita Risk of the platform’s staff approved it on")
    assert axe(rita) == []

    # It goes out once, of which Sam's page tells by itself.
    expect(sam.get_by_role("heading", level=1)).to_contain_text("Succeeded", timeout=30_000)
    bakery.settle()
    assert asked_of_processor(processor) == [80_00]
    assert [each.amount for each in processor.client(KEY).v1.refunds.list({}).data] == [80_00]

    rosa = open_page(bakery, OWNER, f"{ROOT.replace('test', 'live')}settings/audit/")
    for what, who in (("Refund asked for", "Sam Support"), ("Request approved", "Rita Risk")):
        row = rosa.locator("#results [data-row]", has_text=what)
        expect(row).to_have_count(1)
        expect(row).to_contain_text(who)
    assert axe(rosa) == []
