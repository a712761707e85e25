"""Everything that a list needs works in a browser that runs no scripts (journey 12)."""

import re

from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.merchants.models import Merchant
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.user import User
from portal.management.commands.otp import unused_code
from tests.browser.look import PHONE
from tests.browser.stock import SOUGHT
from tests.portal.people import PASSWORD, make_person


def test_sign_in_filter_open_page_and_back(stock, site, open_page):
    email = "plain@paper-boats.example"
    site.ask(_hire, email, stock.slug)
    page = open_page(site, java_script_enabled=False)
    page.goto(stock.path("transactions/?status=failed"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill(site.ask(_code, email))
    page.get_by_role("button", name="Verify and sign in").click()

    expect(page).to_have_url(re.compile(r"/transactions/\?status=failed$"))
    expect(page.locator("#results-summary")).to_contain_text("46 transactions")
    more = page.locator("details.cf-filter").filter(has=page.locator("summary", has_text="More filters"))
    more.locator("summary").click()
    more.get_by_label("Last 4 digits").fill("4242")
    more.get_by_role("button", name="Apply").click()
    expect(page.locator("#results-summary")).to_contain_text(f"{SOUGHT} transactions · page 1 of 2")
    page.get_by_role("link", name="Amount", exact=True).click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#results-summary")).to_contain_text("page 2 of 2")
    address = page.url
    page.locator("#results [data-row] a").nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Failed")
    page.get_by_role("link", name="Back to results").click()
    expect(page).to_have_url(address)
    page.get_by_role("link", name="Clear all").first.click()
    expect(page).to_have_url(re.compile(r"/transactions/\?sort=-amount$"))


def test_nothing_is_offered_that_needs_scripts(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path("transactions/?q=BOAT-006"), java_script_enabled=False)
    expect(page.locator(".cf-js-only:visible")).to_have_count(0)
    page.locator("#results [data-row] a").first.click()
    expect(page.locator(".cf-js-only:visible")).to_have_count(0)


def test_filters_open_as_a_sheet_on_a_phone(stock, site, open_page):
    phone = {"width": PHONE, "height": 800}
    page = open_page(site, stock.people["owner"], stock.path(), java_script_enabled=False, viewport=phone)
    page.get_by_role("link", name="Filters").click()
    page.get_by_text("More filters").click()
    page.get_by_label("Last 4 digits").fill("5100")
    page.locator(".cf-sheet-foot button").click()
    expect(page).to_have_url(re.compile("last4=5100"))
    expect(page.locator("#results-summary")).to_be_visible()


def _hire(email, slug):
    make_person(email, merchant=Merchant.objects.get(slug=slug), role=MerchantRole.SUPPORT, password=PASSWORD)


def _code(email):
    return unused_code(confirmed_authenticator(User.objects.get(email=email)))
