"""What people choose for themselves is what they see."""

import re

from playwright.sync_api import expect

from tests.browser.look import COLOURS, axe
from tests.browser.stock import open_shop


def test_a_chosen_theme_wins_over_the_system(site, open_page):
    shop = open_shop(site)
    page = open_page(site, shop.people["owner"], "/me/appearance/", color_scheme="light")
    page.get_by_label("Dark", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert axe(page, rules=COLOURS) == []
    page.goto(shop.path())
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"
    assert axe(page, rules=COLOURS) == []


def test_shortcuts_that_were_switched_off_stay_off(site, open_page):
    shop = open_shop(site)
    page = open_page(site, shop.people["owner"], "/me/shortcuts/")
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto(shop.path())
    page.keyboard.press("f")
    page.keyboard.press("?")
    expect(page.locator("details.cf-filter[open]")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_one_session_ends_another(site, open_page):
    shop = open_shop(site)
    person = shop.people["owner"]
    other = open_page(site, person, shop.path())
    site.forget(person)
    page = open_page(site, person, "/me/sessions/")
    expect(page.locator("#results tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Sign out all others").click()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    # A swap in the tab that was left open leads to signing in, back to the page and not to the fragment.
    other.locator("#id_q").fill("AO-94")
    other.keyboard.press("Enter")
    # Each request that was under way leads there, and the later ones break off the loading of the first.
    expect(other).to_have_url(re.compile(r"/accounts/login/\?next="))
    assert "/_/" not in other.url
