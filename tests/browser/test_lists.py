"""Lists of what follows payments: tabs, totals that come by themselves, columns, and the list on paper."""

import re

from playwright.sync_api import expect

from tests.browser.look import axe, ids
from tests.browser.test_find_and_share import choose, rows

PHONE = {"width": 390, "height": 800}


def test_one_goes_from_a_refund_to_its_page_and_back(stock, site, open_page):
    page = open_page(site, stock.people["support"], stock.path("transactions/?date=last-30-days"))
    page.get_by_role("navigation", name="Payments and what follows them").get_by_role("link", name="Refunds").click()
    expect(page).to_have_url(re.compile(r"/refunds/\?date=last-30-days$"))
    expect(page.locator("#results-summary")).to_contain_text("5 refunds")
    address, before = page.url, rows(page)
    link = page.locator("#results [data-row]").nth(2).get_by_role("link")
    link.click()
    expect(page).to_have_url(re.compile(rf"/refunds/{before[2]}/"))
    page.go_back()
    expect(page).to_have_url(address)
    expect(link).to_be_focused()
    assert rows(page) == before


def test_totals_come_by_themselves_and_take_no_focus(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path("activity/"))
    totals = page.locator("#totals-panel")
    expect(totals.get_by_role("heading")).to_contain_text("Totals of all")
    expect(page.locator("body")).to_be_focused()
    assert ids(page) == []
    assert axe(page) == []
    choose(page, "Status", "Pending")
    expect(totals.get_by_role("heading")).to_contain_text("Total of one result")
    expect(totals.get_by_role("row", name="JPY")).to_contain_text("−700")
    page.go_back()
    expect(totals.get_by_role("heading")).to_contain_text("Totals of all")


def test_columns_are_chosen_and_stay(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    chooser = page.locator("#columns")
    chooser.locator("summary").click()
    chooser.get_by_label("Fee", exact=True).check()
    chooser.get_by_label("Country").check()
    chooser.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"\?columns=fee&columns=country$"))
    expect(page.get_by_role("columnheader", name="Country")).to_be_visible()
    assert ids(page) == []
    assert axe(page) == []
    choose(page, "Status", "Succeeded")
    expect(page).to_have_url(re.compile("columns=fee&columns=country$"))
    expect(page.get_by_role("columnheader", name="Fee", exact=True)).to_be_visible()


def test_a_list_on_paper_has_filters_totals_and_no_controls(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path("transactions/?status=succeeded&currency=EUR"))
    expect(page.locator("#totals-panel").get_by_role("heading")).to_contain_text("Totals of all")
    page.emulate_media(media="print")
    printed = page.locator("#results .cf-print-only")
    expect(printed).to_be_visible()
    expect(printed).to_have_text("Filters: Status Succeeded · Currency EUR")
    expect(page.locator("#results-summary")).to_contain_text("page 1 of")
    expect(page.locator(".cf-footer")).to_contain_text("As of")
    for hidden in ("#filters", "#results-tabs", "#columns", ".cf-rail", "#results-sizes"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("#totals-panel")).to_be_visible()


def test_a_phone_shows_which_tab_is_open(stock, site, open_page):
    page = open_page(site, stock.staff["admin"], "/ops/waiting/failed-payouts/?mode=live", viewport=PHONE)
    current = page.locator("#results-tabs [aria-current]")
    expect(current).to_contain_text("Failed payouts")
    expect(current).to_be_in_viewport(ratio=0.9)


def test_a_number_on_a_phone_says_what_it_counts(stock, site, open_page):
    page = open_page(site, stock.staff["admin"], f"/ops/merchants/?q={stock.slug}", viewport=PHONE)
    dead = page.locator("#results td.cf-card-status")
    expect(dead).to_contain_text("1")
    assert dead.evaluate("cell => getComputedStyle(cell, '::before').content") == '"Dead letters "'


def test_amounts_of_a_currency_stand_below_each_other_digit_by_digit(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path("transactions/?currency=EUR"))
    heads, cells = page.locator("th.cf-col-amount"), page.locator("td.cf-card-amount")
    expect(heads).to_have_count(1)
    for each in (*heads.all(), *cells.all()):
        expect(each).to_have_css("text-align", "right")
        expect(each).to_have_css("white-space", "nowrap")
        expect(each).to_have_css("font-variant-numeric", "tabular-nums")
    ends = cells.locator("bdi").evaluate_all(
        """amounts => amounts.map(amount => {
            const number = document.createRange();
            number.selectNode(amount.firstChild);
            return Math.round(number.getBoundingClientRect().right);
        })"""
    )
    assert len(ends) > 5
    assert len(set(ends)) == 1


def test_the_words_of_a_choice_are_as_good_as_its_box(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path("refunds/"))
    menu = page.locator("#filters details.cf-filter").filter(has=page.locator("#id_status"))
    menu.locator("summary").click()
    menu.locator("label").filter(has_text="Succeeded").locator("span").click()
    expect(menu.get_by_label("Succeeded", exact=True)).to_be_checked()
    page.locator("#page-title").click()
    expect(menu).not_to_have_attribute("open", "")
