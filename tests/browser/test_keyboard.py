"""What people with a keyboard, a screen reader or a magnifier meet on the real pages."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.look import COLOURS, PHONE, axe, ids
from tests.browser.routes import ROUTES

# Presses Tab until the page is left; an element that is hidden, off-screen or under a bar is told.
_STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  if (at.dataset.visited) return null;
  at.dataset.visited = "yes";
  const box = at.getBoundingClientRect();
  const told = at.outerHTML.slice(0, 100);
  const shown = at.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1;
  if (!shown) return { told, flaw: "is hidden" };
  const inset = Math.min(3, box.width / 3, box.height / 3);
  const corners = [[box.left + inset, box.top + inset], [box.right - inset, box.bottom - inset]];
  const seen = corners.filter(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (at.contains(top) || top.contains(at) || at.labels?.[0]?.contains(top));
  });
  return { told, flaw: seen.length ? "" : "is covered or off-screen" };
}"""
TABBED = {
    "merchant:transactions": "a.cf-row-link",
    "merchant:transaction, raw": "#timeline a",
    "merchant:transaction, to be refunded": "#refund-action",
    "merchant:refund_new": "textarea",
    "merchant:events": "a.cf-row-link",
    "merchant:audit": "a.cf-row-link",
    "ops:event": "pre",
    "me:security": "main a",
    "account_login": "input",
}


def walk(page: Page) -> tuple[list[str], list[str]]:
    """Everything that Tab stops at, in order, and what is wrong with it."""
    stops, flaws = [], []
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None:
            break
        stops.append(stop["told"])
        if stop["flaw"]:
            flaws.append(f"{stop['told']} {stop['flaw']}")
    return stops, flaws


@pytest.mark.parametrize("width", [1280, PHONE])
@pytest.mark.parametrize("name", TABBED)
def test_tab_leads_through_the_page_and_out_of_it(guide, open_page, name, width):
    visit = ROUTES[name](guide)
    page = open_page(guide.site, visit.person, visit.path, viewport={"width": width, "height": 800})
    skips = page.get_by_role("link", name="Skip to content")
    page.evaluate("document.activeElement.blur()")
    stops, flaws = walk(page)
    assert flaws == []
    assert 3 < len(stops) < 400
    if not page.locator("[autofocus]").count():
        assert "cf-skip" in stops[0]
    skips.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator(TABBED[name]).first).to_be_attached()


def test_focus_survives_three_swaps_and_ids_stay_unique(stock, site, open_page):
    """The listener of every page complains when focus falls; here the swaps come quickly one after another."""
    page = open_page(site, stock.people["owner"], stock.path())
    for link, now in (("Amount", "descending"), ("Amount", "ascending"), ("Created", "descending")):
        page.get_by_role("columnheader", name=link).get_by_role("link").press("Enter")
        expect(page.locator(f"th[aria-sort={now}]")).to_have_text(link)
        expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
        # It comes back once the new content has settled, a blink after that is there.
        expect(page.locator(":focus")).to_have_count(1)
        assert ids(page) == []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert axe(page, rules=None if theme == "light" else COLOURS) == []


@pytest.mark.parametrize("name", ["merchant:events", "ops:events", "ops:merchants", "ops:audit"])
def test_other_lists_swap_as_well(guide, open_page, name):
    visit = ROUTES[name](guide)
    page = open_page(guide.site, visit.person, visit.path)
    page.get_by_role("link", name="50", exact=True).click()
    expect(page).to_have_url(f"{guide.site.url}{visit.path}?size=50")
    expect(page.locator("#results-sizes [aria-current]")).to_have_text("50")
    assert page.evaluate("document.activeElement !== document.body")
    assert ids(page) == []
    assert axe(page) == []


@pytest.mark.parametrize("panel", ["summary", "money", "timeline"])
def test_panels_of_a_payment_are_right_after_a_swap(guide, open_page, panel):
    visit = ROUTES["merchant:transaction"](guide)
    page = open_page(guide.site, visit.person, visit.path)
    with page.expect_response(f"**/_/{panel}/**"):
        page.evaluate("panel => window.htmx.trigger(`#${panel}`, 'live')", panel)
    expect(page.locator(f"#{panel}")).not_to_have_class("htmx-request")
    assert ids(page) == []
    assert axe(page) == []


def test_the_help_is_a_real_dialog(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    page.locator("a.cf-row-link").nth(1).focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    for _ in range(4):
        assert page.evaluate("document.querySelector('#dialog').contains(document.activeElement)")
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            # The browser's own toolbar is the one place outside.
            page.keyboard.press("Tab")
    assert axe(page) == []
    assert ids(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("a.cf-row-link").nth(1)).to_be_focused()


def test_keys_walk_the_list_and_open_a_payment(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("a.cf-row-link").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Back to results")).to_be_visible()
    # Keys are heard once the scripts of the new page have run.
    page.wait_for_load_state()
    first = page.url
    page.keyboard.press("]")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Transactions")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("f")
    expect(page.locator("details.cf-filter[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.cf-filter[open]")).to_have_count(0)


def test_a_card_number_in_the_search_goes_nowhere(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    search = page.locator("#id_q")
    search.fill("4242 4242 4242 4242")
    search.press("Enter")
    expect(page.locator("[data-pan-error]")).to_be_visible()
    expect(search).to_be_focused()
    assert axe(page) == []
    assert not [url for url in sent if "4242" in url]


def test_amounts_and_the_page_say_their_language(stock, site, open_page):
    page = open_page(site, stock.people["owner"], stock.path())
    expect(page.locator("html")).to_have_attribute("lang", "en-gb")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    rows = page.locator("#results [data-row]")
    expect(rows.locator(".cf-card-amount bdi[dir=ltr]")).to_have_count(rows.count())
    expect(page.locator("#results caption")).to_contain_text("Transactions")
    expect(rows.locator("th[scope=row]")).to_have_count(rows.count())
    expect(page.locator("#results th[aria-sort]")).to_have_count(1)
    expect(page.get_by_role("columnheader", name="Created").get_by_role("link")).to_be_visible()


def test_the_browser_keeps_nothing(stock, site, open_page):
    """Not the addresses of lists either: they hold e-mails and last digits."""
    page = open_page(site, stock.people["finance"], stock.path())
    more = page.locator("details.cf-filter").filter(has=page.locator("summary", has_text="More filters"))
    more.locator("summary").click()
    more.get_by_label("E-mail").fill("lena6@vogt.example")
    more.get_by_label("Last 4 digits").fill("4242")
    more.get_by_role("button", name="Apply").click()
    expect(page.locator("#results-summary")).to_contain_text("1 transaction")
    page.locator("a.cf-row-link").click()
    page.get_by_role("link", name="Back to results").click()
    expect(page.locator("#results-summary")).to_contain_text("1 transaction")
    assert kept(page) == []
    page.locator(".cf-topbar-end summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    site.forget(stock.people["finance"])
    assert kept(page) == []
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """async () => [
          ...Object.keys(sessionStorage), ...Object.keys(localStorage), ...await caches.keys(),
          ...(await indexedDB.databases()).map((each) => each.name),
        ]"""
    )
    return found
