"""Staff open a merchant's pages, see that they are guests, and leave."""

from playwright.sync_api import expect

from billing.access.roles import StaffRole
from tests.browser.stock import open_shop
from tests.portal.people import make_person


def test_open_as_merchant_and_leave_in_every_tab(site, open_page):
    shop = open_shop(site)
    agent = site.ask(lambda: make_person(f"agent@{shop.slug}.example", staff_role=StaffRole.AGENT).email)
    page = open_page(site, agent, f"/ops/merchants/{shop.slug}/")
    page.get_by_role("link", name="Open as merchant").click()
    page.get_by_role("button", name="Open as merchant").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("Why do you need to look?").fill("Case 4711, a refund that is missing")
    page.get_by_role("button", name="Open as merchant").click()
    banner = page.get_by_role("region", name="Looking as staff")
    expect(banner).to_contain_text("as Counterfoil staff. Nothing can be changed.")
    other = page.context.new_page()
    other.goto(shop.path("events/"))
    expect(other.get_by_role("region", name="Looking as staff")).to_be_visible()
    banner.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You have left")).to_be_visible()
    other.reload()
    expect(other).to_have_url(f"{site.url}/ops/merchants/{shop.slug}/")
    expect(other.get_by_text("You are no longer looking")).to_be_visible()
