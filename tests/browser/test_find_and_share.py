"""Support finds payments among many, looks at one, comes back and passes the address on (journey 2)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.look import COLOURS, PHONE, axe, ids
from tests.browser.stock import PAYMENTS, SOUGHT

FOUND = f"{SOUGHT} transactions"


def rows(page: Page) -> list[str]:
    return page.locator("#results [data-row]").evaluate_all("rows => rows.map((row) => row.dataset.row)")


def chips(page: Page) -> list[str]:
    return page.locator(".cf-chips-line .cf-chip").all_inner_texts()


def choose(page: Page, filter_name: str, *labels: str) -> None:
    panel = page.locator("details.cf-filter").filter(has=page.locator("summary", has_text=filter_name))
    panel.locator("summary").click()
    for label in labels:
        panel.get_by_label(label, exact=True).check()
    panel.get_by_role("button", name="Apply").click()


def narrow(page: Page) -> None:
    """From all transactions to those that failed in the last days with the card that ends in 4242."""
    choose(page, "Status", "Failed")
    expect(page).to_have_url(re.compile("status=failed"))
    choose(page, "All dates", "Last 7 days")
    expect(page).to_have_url(re.compile("date=last-7-days"))
    more = page.locator("details.cf-filter").filter(has=page.locator("summary", has_text="More filters"))
    more.locator("summary").click()
    more.get_by_label("Last 4 digits").fill("4242")
    more.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("last4=4242"))


def test_what_was_found_is_found_again(stock, site, open_page):
    page = open_page(site, stock.people["support"], stock.path())
    summary = page.locator("#results-summary")
    expect(summary).to_contain_text(f"{PAYMENTS} transactions")
    # A live region speaks when its content changes, not when it is exchanged for another one.
    summary.evaluate("region => { region.dataset.same = 'yes'; }")
    narrow(page)
    expect(summary).to_contain_text(FOUND)
    expect(summary).to_have_attribute("data-same", "yes")
    expect(summary).to_have_attribute("role", "status")

    page.get_by_role("link", name="Amount", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Amount")
    page.get_by_role("link", name="Next").click()
    expect(summary).to_contain_text("page 2 of 2")
    expect(page.get_by_role("heading", name="Results", exact=True)).to_be_focused()
    assert ids(page) == []
    assert axe(page) == []

    address, before, shown = page.url, rows(page), chips(page)
    assert len(before) == SOUGHT - 25
    third = page.locator("#results [data-row]").nth(2)
    third.get_by_role("link").click()
    expect(page.get_by_role("link", name="Back to results")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(address)
    expect(third.get_by_role("link")).to_be_focused()
    assert (rows(page), chips(page)) == (before, shown)
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Amount")
    expect(page.locator("#results-summary")).to_contain_text("page 2 of 2")
    assert parse_qs(urlsplit(address).query)["last4"] == ["4242"]

    colleague = open_page(site, stock.people["viewer"], address)
    assert (rows(colleague), chips(colleague)) == (before, shown)
    expect(colleague.locator("#results-summary")).to_contain_text(FOUND)


def test_the_way_back_from_a_payment_leads_to_its_row(stock, site, open_page):
    page = open_page(site, stock.people["support"], stock.path("transactions/?status=failed&size=50"))
    row = page.locator("#results [data-row]").nth(30)
    row.get_by_role("link").click()
    page.get_by_role("link", name="Back to results").wait_for()
    page.go_back()
    expect(row.get_by_role("link")).to_be_focused()
    expect(row).to_be_in_viewport()
    row.get_by_role("link").click()
    page.get_by_role("link", name="Next in these results").click()
    page.get_by_role("link", name="Previous in these results").click()
    page.get_by_role("link", name="Back to results").click()
    expect(page).to_have_url(re.compile(r"/transactions/\?status=failed&size=50$"))
    expect(page.locator("#results-summary")).to_contain_text("46 transactions")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_way_back_knows_filters_and_columns_with_and_without_scripts(stock, site, open_page, scripts):
    here = stock.path("transactions/?status=failed&columns=fee&size=50")
    page = open_page(site, stock.people["support"], here, java_script_enabled=scripts)
    link = page.locator("#results [data-row] .cf-row-link").nth(3)
    assert "status" not in link.get_attribute("href")
    link.click()
    # Only where a script says so does the address know it, too.
    assert parse_qs(urlsplit(page.url).query)["back"] == [here if scripts else stock.path("transactions/")]
    for step in ("Next in these results", "Back to results"):
        page.get_by_role("link", name=step).click()
    expect(page).to_have_url(re.compile(re.escape(here) + "$"))


def test_back_and_forward_restore_list_and_filters(stock, site, open_page):
    page = open_page(site, stock.people["support"], stock.path())
    choose(page, "Status", "Failed", "Blocked")
    expect(page).to_have_url(re.compile("status=failed&status=blocked"))
    failed = page.url, rows(page)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#results-summary")).to_contain_text("page 2")
    page.go_back()
    expect(page.locator("#results-summary")).to_contain_text("page 1")
    assert (page.url, rows(page)) == failed
    page.go_back()
    expect(page.locator("#results-summary")).to_contain_text(f"{PAYMENTS} transactions")
    expect(page.locator("input[name=status]:checked")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#results-summary")).to_contain_text("46 transactions")
    expect(page.locator("input[name=status]:checked")).to_have_count(2)


def test_a_filter_is_taken_away_by_its_chip(stock, site, open_page):
    page = open_page(site, stock.people["support"], stock.path("transactions/?status=failed&last4=4242&refunded=no"))
    page.get_by_role("link", name="Remove filter Last 4 digits 4242").click()
    expect(page).to_have_url(re.compile(r"\?status=failed&refunded=no$"))
    page.get_by_role("link", name="Clear all").first.click()
    expect(page).to_have_url(re.compile("/transactions/$"))
    expect(page.locator("#results-summary")).to_contain_text(f"{PAYMENTS} transactions")


def test_an_invalid_filter_leads_to_its_field(stock, site, open_page):
    page = open_page(site, stock.people["support"], stock.path())
    more = page.locator("details.cf-filter").filter(has=page.locator("summary", has_text="More filters"))
    more.locator("summary").click()
    more.get_by_label("Last 4 digits").fill("12")
    more.get_by_role("button", name="Apply").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#results table")).to_have_count(0)
    assert axe(page) == []
    page.locator("#error-summary a").click()
    field = page.get_by_role("textbox", name="Last 4 digits")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    page.reload()
    expect(page).to_have_title(re.compile("^Error: Transactions"))


@pytest.mark.parametrize("scripts", [True, False])
def test_an_invalid_filter_leads_to_its_field_on_the_sheet_of_a_phone(stock, site, open_page, scripts):
    phone = {"viewport": {"width": PHONE, "height": 800}, "java_script_enabled": scripts}
    page = open_page(site, stock.people["support"], stock.path("transactions/?last4=12"), **phone)
    page.locator("#error-summary a").click()
    field = page.get_by_role("textbox", name="Last 4 digits")
    expect(field).to_be_in_viewport()
    if scripts:
        expect(field).to_be_focused()
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#filter-sheet")).to_be_hidden()


def test_a_phone_says_how_many_before_it_shows_them(stock, site, open_page):
    page = open_page(
        site, stock.people["support"], stock.path(), viewport={"width": PHONE, "height": 800}, has_touch=True
    )
    page.get_by_role("link", name="Filters").click()
    page.get_by_label("Failed", exact=True).check()
    count = page.locator("#filter-count")
    expect(count).to_have_text("Show 46 results")
    # Counting is no step that one would come back to.
    expect(page).to_have_url(re.compile(r"/transactions/#filter-sheet$"))
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert axe(page, rules=None if theme == "light" else COLOURS) == []
    count.click()
    expect(page.locator("#results-summary")).to_contain_text("46 transactions")
    expect(page.locator("#filter-sheet")).to_be_hidden()
