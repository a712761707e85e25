"""Somebody is told that a thing waits for them: while they look at something else, and without scripts."""

from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.limits.change import ask_for_limit
from billing.limits.models import Action
from billing.limits.queries import Limit
from billing.merchants.models import Merchant
from portal.accounts.user import User
from tests.browser.look import axe, ids
from tests.browser.stock import open_shop
from tests.portal.notifications.desk import actor

TITLE = "Waits for approval: change of a limit"


def _shop(site):
    return open_shop(site, roles=(MerchantRole.OWNER, MerchantRole.ADMIN))


def _ask(slug: str, email: str, currency: str) -> str:
    """A new limit, which the owner has to agree to."""
    approval = ask_for_limit(
        merchant=Merchant.objects.get(slug=slug),
        livemode=True,
        role=MerchantRole.SUPPORT,
        action=Action.REFUND,
        currency=currency,
        limit=Limit(200_00, 900_00),
        reason="Summer sale.",
        by=actor(User.objects.get(email=email)),
    )
    return approval.public_id


def ask(site, shop, currency="EUR"):
    approval = site.ask(_ask, shop.slug, shop.people["admin"], currency)
    site.settle()
    return approval


def bell(page, words):
    return page.get_by_role("link", name=f"Notifications, {words}", exact=True)


def test_the_bell_rings_on_an_open_page_and_leads_to_what_waits(site, open_page):
    shop = _shop(site)
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    expect(bell(page, "none unread")).to_be_visible()
    page.evaluate("document.documentElement.dataset.loaded = 'once'")

    approval = ask(site, shop)
    expect(bell(page, "1 unread")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-loaded", "once")
    bell(page, "1 unread").click()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    # A second one appears by itself in the open list, and at the bell.
    ask(site, shop, "USD")
    expect(page.get_by_role("link", name=TITLE)).to_have_count(2)
    expect(bell(page, "2 unread")).to_be_visible()
    assert ids(page) == []
    assert axe(page) == []
    page.get_by_role("link", name=TITLE).last.click()
    expect(page).to_have_url(f"{site.url}{shop.path(f'approvals/{approval}/')}")


def test_what_was_told_is_read_without_scripts(site, open_page):
    shop = _shop(site)
    ask(site, shop)
    ask(site, shop, "USD")
    page = open_page(site, shop.people["owner"], shop.path(), java_script_enabled=False)
    bell(page, "2 unread").click()
    page.get_by_role("button", name=f"Mark as read {TITLE}").first.click()
    expect(bell(page, "1 unread")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(bell(page, "none unread")).to_be_visible()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)


def test_people_choose_without_scripts(site, open_page):
    shop = _shop(site)
    page = open_page(site, shop.people["owner"], "/me/notifications/", java_script_enabled=False)
    name = "E-mail: Something waits for my approval"
    page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("checkbox", name=name)).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="E-mail: A refund fails or is cancelled")).to_be_disabled()
