"""A page that waits for a decision, while somebody else decides."""

import time

from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.approvals.decide import approve
from billing.approvals.models import Approval
from billing.providers.models import ProviderAccount
from portal.accounts.user import User
from tests.browser.look import axe, ids
from tests.browser.stock import open_shop
from tests.portal import asked
from tests.portal.payments import pay

HOUR = 3_600
ROLES = (MerchantRole.OWNER, MerchantRole.ADMIN, MerchantRole.SUPPORT)


def _refund_waits(connection: str, email: str) -> str:
    account = ProviderAccount.objects.get(public_id=connection)
    payment = pay(account, amount=500_00, at=int(time.time()) - HOUR)
    return asked.approval_of(asked.refund(payment, 150_00, User.objects.get(email=email))).public_id


def _approve(public_id: str, email: str) -> None:
    approve(approval=Approval.objects.get(public_id=public_id), by=asked.actor(User.objects.get(email=email)))


def opened(site, open_page):
    shop = open_shop(site, roles=ROLES)
    approval = site.ask(_refund_waits, shop.connections["live"], shop.people["support"])
    page = open_page(site, shop.people["owner"], shop.path(f"approvals/{approval}/"))
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    return page, lambda: site.ask(_approve, approval, shop.people["admin"])


def test_a_decision_of_somebody_else_takes_no_words_away(site, open_page):
    page, decided = opened(site, open_page)
    comment = page.get_by_label("Comment")
    comment.click()
    comment.press_sequentially("Not like")
    decided()
    expect(page.get_by_role("button", name="Changed – show")).to_be_visible()
    expect(page.locator("#announce")).to_have_text("Changed – show")
    comment.press_sequentially(" this")
    expect(comment).to_have_value("Not like this")
    expect(comment).to_be_focused()
    assert ids(page) == axe(page) == []
    page.get_by_role("button", name="Changed – show").click()
    expect(page.locator("#main")).to_contain_text("approved it on")
    expect(page.locator("#announce")).to_contain_text("approved it on")
    expect(comment).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
    assert ids(page) == axe(page) == []


def test_whoever_only_reads_hears_it(site, open_page):
    page, decided = opened(site, open_page)
    decided()
    expect(page.locator("#announce")).to_contain_text("approved it on")
    expect(page.get_by_label("Comment")).to_have_count(0)


def test_an_answer_that_says_the_same_leaves_the_page_alone(site, open_page):
    page, decided = opened(site, open_page)
    heading = page.locator("#page-title")
    for _ in range(2):
        heading.evaluate("heading => { heading.dataset.read = 'yes'; }")
        with page.expect_response("**/_/request/"):
            page.evaluate("htmx.trigger('#request', 'live')")
        expect(page.locator(".htmx-added, .htmx-settling, .htmx-request")).to_have_count(0)
    # What came first may have been new: nothing says what the page was made of.
    expect(heading).to_have_attribute("data-read", "yes")
    decided()
    expect(heading).to_contain_text("Approved")
    expect(heading).not_to_have_attribute("data-read", "yes")
