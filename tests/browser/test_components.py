"""The components in a real browser: what axe finds, and what the scripts do."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from portal.embedded.ports import pick_port
from tests.browser.conftest import Run

PAGES = {
    "components": "/m/acme/live/",
    "list": "/m/acme/live/transactions/",
    "detail": "/m/acme/live/transactions/pay_1/",
    "sign-in": "/sign-in/",
    "not found": "/nowhere/",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    port = pick_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.browser.gallery", str(port)], env=os.environ.copy())
    try:
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "the gallery did not start"
                assert time.monotonic() < until, "the gallery does not answer"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def page(browser: Browser, gallery: str, in_browser_thread: Run) -> Iterator[Page]:
    context = in_browser_thread(browser.new_context, base_url=gallery, viewport={"width": 1280, "height": 800})
    in_browser_thread(context.grant_permissions, ["clipboard-read", "clipboard-write"], origin=gallery)
    yield in_browser_thread(context.new_page)
    in_browser_thread(context.close)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser, gallery, name, width, theme):
    context = browser.new_context(base_url=gallery, viewport={"width": width, "height": 800}, color_scheme=theme)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(PAGES[name])
    if name == "detail":
        expect(page.get_by_role("heading", name="Loaded")).to_be_visible()
        expect(page.locator("#broken .cf-panel-error")).to_be_visible()
    found = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    context.close()
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert [text for text in complaints if "Content Security Policy" in text] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_on_the_smallest_phone(browser, gallery, name):
    context = browser.new_context(base_url=gallery, viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(PAGES[name])
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert overflow <= 0


def test_a_list_is_walked_with_the_keyboard(page):
    page.goto(PAGES["list"])
    page.keyboard.press("j")
    assert focused(page) == "AO-48317"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == "AO-48316"
    page.keyboard.press("x")
    expect(page.locator("[data-row] input:checked")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-row] input:checked")).to_have_count(3)
    page.keyboard.press("c")
    expect(page.locator("#announce")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "pay_3"
    page.keyboard.press("Enter")
    page.wait_for_url("**/transactions/pay_3/")


def test_typing_is_never_taken_for_a_shortcut(page):
    page.goto(PAGES["list"])
    page.keyboard.press("/")
    page.keyboard.type("jxg t?")
    expect(page.locator("input[name=q]")).to_have_value("jxg t?")
    expect(page.locator("#dialog")).to_be_hidden()


def test_shortcuts_can_be_switched_off(page):
    page.goto(PAGES["list"] + "?shortcuts=off")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator("#dialog")).to_be_hidden()
    assert focused(page) != "AO-48317"


def test_help_lists_what_the_page_knows(page):
    page.goto(PAGES["list"])
    page.keyboard.press("?")
    expect(page.locator("#dialog")).to_contain_text("Transactions")
    expect(page.locator("#dialog")).to_contain_text("More filters")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()


def test_two_keys_go_to_a_place(page):
    page.goto(PAGES["detail"])
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile(r"/transactions/$"))


def test_a_card_number_is_refused_before_it_is_sent(page):
    sent = []
    page.goto(PAGES["list"])
    page.on("request", lambda request: sent.append(request.url))
    field = page.locator("input[name=q]")
    field.fill("4242 4242 4242 4242")
    field.press("Enter")
    expect(page.locator("form [data-pan-error]")).to_have_count(1)
    field.fill("AO-48317")
    expect(page.locator("form [data-pan-error]")).to_have_count(0)
    field.press("Enter")
    page.wait_for_url("**?q=AO-48317")
    # Once the last of them is here, so is whatever was sent before it.
    assert [url.partition("?")[2] for url in sent if "?q=" in url] == ["q=AO-48317"]


def test_a_form_that_is_clicked_twice_is_sent_once(page):
    page.goto(PAGES["sign-in"])
    held = []

    def hold(route):
        held.append(route)

    page.route("**/sign-in/", hold)
    box = page.get_by_role("button", name="Continue").bounding_box()
    # A mouse waits for no answer: the second click comes while the first is on its way.
    for _ in range(2):
        page.mouse.click(box["x"] + 20, box["y"] + 20)
        page.wait_for_timeout(300)
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("4242424242424242", True),
        ("card 4242-4242-4242-4242 please", True),
        ("378282246310005", True),
        ("4242424242424241", False),
        ("pay_4242", False),
        ("2026-11-20 14:32", False),
        ("42424242424242424242", False),
    ],
)
def test_what_counts_as_a_card_number(page, text, refused):
    page.goto(PAGES["sign-in"])
    assert page.evaluate("text => window.portal.holdsCardNumber(text)", text) is refused


def test_a_dialog_takes_the_focus_and_gives_it_back(page):
    page.goto(PAGES["detail"])
    page.locator("#refund").click()
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#refund")).to_be_focused()


def test_focus_never_falls_to_the_body(page):
    page.goto(PAGES["detail"])
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_role("heading", name="Loaded")).to_be_focused()
    page.goto(PAGES["list"])
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**?after=16")
    expect(page.get_by_role("heading", name="Results")).to_be_focused()


def test_a_panel_that_fails_says_so_in_its_place(page):
    page.goto(PAGES["detail"])
    box = page.locator("#broken .cf-panel-error")
    expect(box).to_contain_text("This could not be loaded")
    expect(box.locator("code")).to_have_text(re.compile(r"req_[0-9a-f]{16}"))
    expect(box.get_by_role("link", name="Try again")).to_be_visible()
    expect(page.locator("#alerts")).to_be_empty()


def test_a_failed_request_is_one_message_with_its_reference(page):
    page.goto(PAGES["detail"])
    expect(page.get_by_role("heading", name="Loaded")).to_be_visible()
    page.locator("#failing").click()
    expect(page.locator("#alerts")).to_contain_text("Could not load.")
    expect(page.locator("#alerts code")).to_have_text(re.compile(r"req_[0-9a-f]{16}"))
    expect(page.get_by_role("heading", name="Loaded")).to_be_visible()


def test_a_view_may_send_better_words(page):
    page.goto(PAGES["detail"])
    page.locator("#refused").click()
    expect(page.locator("#alerts .cf-message")).to_have_text("Ask an owner.")


def test_coming_back_finds_the_row_again(page):
    page.goto(PAGES["list"])
    page.locator("a.cf-row-link").nth(5).click()
    page.wait_for_url("**/transactions/pay_5/")
    page.go_back()
    expect(page.locator("[data-row=pay_5] a")).to_be_focused()


def test_live_changes_wait_for_somebody_who_is_reading(page):
    page.goto(PAGES["list"])
    page.locator("a.cf-row-link").nth(2).focus()
    before = page.locator("#results").get_attribute("data-asked")
    button = page.get_by_role("button", name="1 new – show")
    expect(button).to_be_visible()
    expect(page.locator("#results")).to_have_attribute("data-asked", before)
    button.click()
    expect(page.locator("#results")).not_to_have_attribute("data-asked", before)
    expect(button).to_have_count(0)


def test_live_changes_appear_by_themselves_otherwise(page):
    page.goto(PAGES["list"])
    before = page.locator("#results").get_attribute("data-asked")
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    expect(page.locator("#results")).not_to_have_attribute("data-asked", before)


def test_live_updates_can_be_paused(page):
    page.goto(PAGES["list"])
    page.locator("#live-pause").click()
    expect(page.locator("#live-state")).to_contain_text("Live updates paused")
    before = page.locator("#results").get_attribute("data-asked")
    page.wait_for_timeout(1500)
    expect(page.locator("#results")).to_have_attribute("data-asked", before)


def test_the_browser_keeps_nothing_of_what_was_looked_at(page):
    page.goto(PAGES["list"])
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**?after=16")
    assert page.evaluate("Object.keys({...sessionStorage, ...localStorage})") == []


def test_unsent_text_survives_a_lost_session_and_is_only_offered(page):
    page.goto(PAGES["detail"])
    page.get_by_label("Note").fill("Two pegs bent")
    page.get_by_role("button", name="Add note").click()
    page.wait_for_url("**/sign-in/")
    page.goto(PAGES["detail"])
    expect(page.get_by_label("Note")).to_have_value("")
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Note")).to_have_value("Two pegs bent")
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_the_end_of_a_session_is_announced_and_can_be_put_off(page):
    page.goto(PAGES["detail"] + "?idle=121")
    expect(page.locator("#alerts")).to_contain_text("You will be signed out soon.")
    with page.expect_response("**/me/shortcuts/"):
        page.get_by_role("button", name="Stay signed in").click()
    expect(page.locator("#alerts")).to_be_empty()


def test_text_is_kept_when_the_session_ends_by_itself(page):
    page.goto(PAGES["detail"] + "?idle=3")
    page.get_by_label("Note").fill("Two pegs bent")
    with page.expect_navigation():
        pass
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Note")).to_have_value("Two pegs bent")


def test_an_invalid_form_leads_to_its_errors(page):
    page.goto(PAGES["sign-in"])
    page.locator("[data-reveal]").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: Sign in"))
    page.locator("#error-summary a").first.click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")


def test_menus_close_with_escape_and_give_the_focus_back(page):
    page.goto(PAGES["detail"])
    page.locator(".cf-topbar summary").first.click()
    expect(page.locator(".cf-menu[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".cf-menu[open]")).to_have_count(0)
    expect(page.locator(".cf-topbar summary").first).to_be_focused()


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page):
    page.goto(PAGES["list"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_without_scripts_nothing_is_offered_that_needs_them(browser, gallery):
    context = browser.new_context(base_url=gallery, java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGES["sign-in"])
    expect(page.locator("[data-reveal]")).to_be_hidden()
    expect(page.locator("[data-copy-from]")).to_be_hidden()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#error-summary")).to_be_visible()
    context.close()
