"""An owner has the audit log verified, narrows it and takes it along."""

import csv

from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from tests.browser.look import axe
from tests.browser.stock import open_shop


def test_the_log_is_verified_narrowed_and_exported(site, open_page):
    shop = open_shop(site, roles=[MerchantRole.OWNER, MerchantRole.VIEWER])
    page = open_page(site, shop.people["owner"], shop.path("settings/audit/"))
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("#chain")).to_contain_text("Verified to #")

    page.get_by_text("What", exact=True).first.click()
    page.get_by_text("Team and roles").click()
    page.get_by_role("button", name="Apply").locator("visible=true").click()
    expect(page.locator("#results-summary")).to_contain_text("2 rows")
    expect(page).to_have_url(f"{site.url}{shop.path('settings/audit/')}?action=roles")
    assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Export 2 rows").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["action_text"] for line in lines] == ["Member added", "Member added"]

    page.goto(shop.path("settings/audit/"))
    page.get_by_role("link", name="Audit log exported").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log exported")
    expect(page.locator("#main")).to_contain_text("acts roles")
