"""The main pages in French, which is longer than English, and from right to left."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.look import axe, ids, two_looks
from tests.browser.routes import ROUTES
from tests.languages import CODE

PAGES = ("", "transactions/?status=failed&last4=4242", "transactions/?q=nowhere", "disputes/", "activity/", "events/")
TEXT_BEGINS_AT = "element => [getComputedStyle(element).direction, element.getBoundingClientRect().left]"


def open_in(language, open_page, site, stock, path=""):
    return open_page(site, stock.people["owner"], stock.path(path), locale=language)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_french_is_right(stock, site, open_page, path):
    page = open_in("fr-FR", open_page, site, stock, path)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert two_looks(page) == []


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_the_way_in_is_right_in_french(site, open_page, name):
    page = open_page(site, path=reverse(name), locale="fr-FR")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert two_looks(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_from_right_to_left_is_right(stock, mirrored_site, open_page, path):
    page = open_in(CODE, open_page, mirrored_site, stock, path)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert two_looks(page) == []


def test_a_payment_opens_from_right_to_left(stock, mirrored_site, open_page):
    page = open_in(CODE, open_page, mirrored_site, stock, "transactions/?q=BOAT-006")
    page.locator("#results [data-row] a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert axe(page) == []
    assert ids(page) == []


def test_money_ids_and_time_run_from_left_to_right_on_every_page(stock, mirrored_site, open_page):
    page = open_in(CODE, open_page, mirrored_site, stock)
    for selector in ("#kpis bdi", "#kpis .cf-unit", "#volume svg[role=img]"):
        assert page.locator(selector).first.evaluate("element => getComputedStyle(element).direction") == "ltr"
    page.goto(stock.path("transactions/"))
    assert page.locator("#results td.cf-num bdi").first.evaluate(TEXT_BEGINS_AT)[0] == "ltr"
    page.goto(stock.path("events/"))
    assert page.locator("#results code").first.evaluate(TEXT_BEGINS_AT)[0] == "ltr"


def test_a_masked_name_keeps_its_order_from_right_to_left(mirrored_site, guide, open_page):
    """Its dots have no direction of their own: on a line from right to left they would change sides."""
    visit = ROUTES["ops:transaction, busy"](guide)
    page = open_page(mirrored_site, visit.person, visit.path, locale=CODE)
    name = page.locator("#customer dd").first
    expect(name).to_contain_text("••••")
    expect(name.locator("bdi")).to_have_css("direction", "ltr")


def test_a_date_in_a_sentence_keeps_its_order_from_right_to_left(mirrored_site, guide, open_page):
    visit = ROUTES["ops:home"](guide)
    page = open_page(mirrored_site, visit.person, visit.path, locale=CODE)
    first, last = page.locator("h1 + p time").evaluate(
        "time => { const text = time.firstChild, range = document.createRange();"
        " return [0, text.length - 1].map(at => { range.setStart(text, at); range.setEnd(text, at + 1);"
        " return range.getBoundingClientRect().left; }); }"
    )
    assert first < last


def test_a_name_that_is_cut_keeps_its_beginning_from_right_to_left(stock, mirrored_site, open_page):
    """Chromium hides the end of a line, which side that is follows from the text itself."""
    page = open_in(CODE, open_page, mirrored_site, stock, "transactions/")
    cell = page.locator("#results td.cf-cut").first
    assert cell.evaluate("element => getComputedStyle(element).unicodeBidi") == "plaintext"
    cell.evaluate("element => { element.textContent = 'm'.repeat(300); }")
    box = "element => { const range = document.createRange(); range.setStart(element.firstChild, 0); "
    box += "range.setEnd(element.firstChild, 1); const first = range.getBoundingClientRect(); "
    box += "const cell = element.getBoundingClientRect(); return first.left >= cell.left - 1; }"
    assert cell.evaluate(box)


def test_arrows_point_along_the_line_of_text(stock, mirrored_site, site, open_page):
    scales = []
    for language, at in ((CODE, mirrored_site), ("en-GB", site)):
        page = open_in(language, open_page, at, stock, "transactions/")
        icon = page.locator(".cf-pages .cf-icon-mirror").first
        scales.append(icon.evaluate("element => getComputedStyle(element).transform"))
    assert scales == ["matrix(-1, 0, 0, 1, 0, 0)", "none"]
