"""The palette: a search as one types, by keyboard alone, over every page."""

import re

from playwright.sync_api import expect

from tests.browser.look import COLOURS, PHONE, axe, ids, on_the_smallest_phone
from tests.browser.stock import BUSY, open_shop
from tests.browser.test_live_list import pay, refund


def ask(page, text):
    """Types the text and waits for its options."""
    page.locator("#palette-q").fill(text)
    expect(page.locator("#palette-results")).to_have_attribute("data-query", text)


def opened(site, stock, open_page, path="transactions/", **options):
    page = open_page(site, stock.people["owner"], stock.path(path), **options)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()
    expect(page.get_by_role("option", name="Transactions")).to_be_visible()
    return page


def test_keys_open_it_and_escape_leads_back(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    row = page.locator("a.cf-row-link").nth(2)
    for keys in ("/", "Control+k"):
        row.focus()
        page.keyboard.press(keys)
        expect(page.locator("#palette-q")).to_be_focused()
        expect(page.locator("#palette-q")).to_have_attribute("aria-expanded", "true")
        page.keyboard.type("/k")
        expect(page.locator("#palette-q")).to_have_value("/k")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Search")).to_be_hidden()
        expect(row).to_be_focused()
        expect(page.locator("#palette-q")).to_have_attribute("aria-expanded", "false")


def test_escape_leads_back_to_a_row_that_was_replaced_meanwhile(site, open_page):
    shop = open_shop(site)
    pay(site, shop, 1)
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    first = page.locator("a.cf-row-link", has_text="LIVE-1")
    first.evaluate("link => { link.dataset.before = 'yes'; }")
    first.focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    pay(site, shop, 2)
    expect(page.locator("a.cf-row-link", has_text="LIVE-2")).to_have_count(1)
    expect(first).not_to_have_attribute("data-before", "yes")
    page.keyboard.press("Escape")
    expect(first).to_be_focused()


def test_escape_leads_to_the_list_where_the_row_has_left_it_meanwhile(site, open_page):
    shop = open_shop(site)
    pay(site, shop, 1)
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path("transactions/?status=succeeded"))
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    first = page.locator("a.cf-row-link", has_text="LIVE-1")
    first.focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    refund(site, shop, 1)
    expect(first).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#results").get_by_role("heading", name="Results", exact=True)).to_be_focused()


def test_arrows_choose_and_enter_opens(stock, site, open_page):
    page = opened(site, stock, open_page)
    field = page.locator("#palette-q")
    ask(page, "lena6@vogt.example")
    expect(page.locator("#palette-count")).to_have_text("1 result shown")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("ArrowDown")
    option = page.locator("#palette [role=option]").first
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    expect(field).to_be_focused()
    # Beyond the last one stands the field, and before it the last again.
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Back to results")).to_be_visible()
    page.get_by_role("link", name="Back to results").click()
    expect(page).to_have_url(re.compile(r"/search/\?q=lena6%40vogt.example&stay=1$"))


def test_enter_on_an_id_leads_to_its_object(stock, site, open_page):
    page = opened(site, stock, open_page)
    ask(page, f"du_stock{1}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/transactions/pay_\w+/\?back=.*#disputes$"))
    expect(page.locator("#disputes")).to_be_visible()
    page.keyboard.press("Control+k")
    ask(page, f"pi_stock{BUSY}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/transactions/pay_\w+/\?back="))


def test_enter_on_words_leads_to_the_page(stock, site, open_page):
    page = opened(site, stock, open_page)
    ask(page, "BOAT-00")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=BOAT-00$"))
    expect(page.locator("#results-summary")).to_contain_text("results shown")


def test_what_cannot_be_read_is_said_in_it(stock, site, open_page):
    page = opened(site, stock, open_page)
    ask(page, "status:lost")
    expect(page.locator("#palette-results")).to_contain_text("“status:lost” cannot be read")
    expect(page.locator("#palette-count")).to_contain_text("cannot be read")
    assert axe(page) == []
    assert ids(page) == []


def test_it_is_right_in_every_look(stock, site, open_page):
    page = opened(site, stock, open_page)
    for width in (1280, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        for text in ("", f"pi_stock{BUSY}", "nowhere"):
            ask(page, text)
            page.keyboard.press("ArrowDown")
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                assert axe(page, rules=None if theme == "light" else COLOURS) == [], (width, text, theme)
            assert ids(page) == []
    ask(page, f"pi_stock{BUSY}")
    assert on_the_smallest_phone(page) == []


def test_searches_are_remembered_and_cleared(stock, site, open_page):
    page = open_page(site, stock.people["admin"], stock.path())
    page.keyboard.press("/")
    ask(page, "BOAT-006")
    page.locator("#palette").get_by_role("option").first.click()
    expect(page.get_by_role("link", name="Back to results")).to_be_visible()
    page.goto(stock.path("search/?q=BOAT-01"))
    with page.expect_response("**/search/recent/"):
        page.reload()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [data-fill]")).to_have_text(["BOAT-01", "BOAT-006"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#palette-q")).to_have_value("BOAT-01")
    expect(page.locator("#palette-results")).to_have_attribute("data-query", "BOAT-01")
    ask(page, "")
    page.get_by_role("button", name="Clear recent searches").click()
    expect(page.locator("#palette [data-fill]")).to_have_count(0)
    expect(page.locator("#palette-q")).to_be_focused()


def test_a_card_number_in_it_goes_nowhere(stock, site, open_page):
    page = opened(site, stock, open_page)
    sent = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.locator("#palette-q").fill("4242 4242 4242 4242")
    expect(page.locator("#palette [data-pan-error]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#palette-q")).to_be_focused()
    assert axe(page) == []
    assert not [each for each in sent if "4242" in each]


def test_a_failure_is_said_in_it_and_can_be_tried_again(stock, site, open_page):
    page = opened(site, stock, open_page)
    # htmx writes each failed answer into the console, where anything else would be a fault of ours.
    page.evaluate("() => { console.error = () => {}; }")
    page.route("**/_/palette/**", lambda route: route.fulfill(status=503))
    page.locator("#palette-q").fill("BOAT-006")
    expect(page.locator("#palette-alert")).to_contain_text("Could not load.")
    page.unroute("**/_/palette/**")
    page.locator("#palette-alert").get_by_role("button", name="Try again").click()
    expect(page.locator("#palette-results")).to_have_attribute("data-query", "BOAT-006")
    expect(page.locator("#palette-alert")).to_be_empty()


def test_only_the_newest_question_is_answered(stock, site, open_page):
    page = opened(site, stock, open_page)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/_/palette/" in request.url else None)
    page.locator("#palette-q").press_sequentially("BOAT-006", delay=20)
    expect(page.locator("#palette-results")).to_have_attribute("data-query", "BOAT-006")
    assert len(asked) <= 3


def test_pointers_open_it_from_the_top_bar(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    page.locator(".cf-topbar input[type=search]").click()
    expect(page.locator("#palette-q")).to_be_focused()
    page.get_by_role("button", name="Close").click()
    page.set_viewport_size({"width": PHONE, "height": 800})
    page.locator(".cf-topbar").get_by_role("link", name="Search").click()
    expect(page.locator("#palette-q")).to_be_focused()


def test_without_scripts_the_field_is_a_form(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path(), java_script_enabled=False)
    field = page.locator(".cf-topbar input[type=search]")
    field.fill("BOAT-00")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=BOAT-00$"))
    page.get_by_role("link", name="View all Payments").click()
    expect(page).to_have_url(re.compile(r"/transactions/\?q=BOAT-00$"))
    page.go_back()
    page.get_by_role("button", name="Remember this search").click()
    expect(page).to_have_url(re.compile(r"/search/\?q=BOAT-00&stay=1$"))
    page.goto(stock.path("search/"))
    expect(page.get_by_role("link", name="BOAT-00")).to_be_visible()
    page.get_by_role("button", name="Clear recent searches").click()
    expect(page.get_by_role("link", name="BOAT-00")).to_have_count(0)
