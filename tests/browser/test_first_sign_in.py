"""An invited person's first sign-in, second factor included (journey 1)."""

import base64
import re
import subprocess
import sys

from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.stock import open_shop
from tests.databases import ROOT

PASSWORD = "paper-boat-4711-x"


def invite(site: Site, *arguments: str) -> str:
    """The link that the command prints, as an administrator would run it beside the site."""
    done = subprocess.run(
        [sys.executable, "manage.py", "create_user", *arguments],
        cwd=ROOT,
        env=site.stack.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r"http://\S+/accounts/invite/\S+/", done.stdout)
    assert found, done.stdout
    return found[0]


def paste(page: Page, words: str) -> None:
    page.evaluate("words => navigator.clipboard.writeText(words)", words)
    page.keyboard.press("Control+V")


def test_an_invited_person_signs_in_for_the_first_time(site, open_page):
    shop = open_shop(site)
    link = invite(site, "nina@boats.example", "--merchant", shop.slug, "--role", "finance")
    page = open_page(site, permissions=["clipboard-read", "clipboard-write"])

    page.goto(link)
    page.get_by_label("Your name").fill("Nina Finch")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Set up your authenticator")).to_be_visible()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.locator(".cf-copy code").inner_text().replace(" ", "")
    code = page.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    digits = f"{totp(base64.b32decode(secret), t0=0):06}"
    paste(page, f" {digits[:3]} {digits[3:]} ")
    page.get_by_role("button", name="Verify").click()

    codes = page.locator("#codes li")
    expect(codes).to_have_count(10)
    shown = codes.all_inner_texts()
    assert len(set(shown)) == 10
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#announce")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").split("\n") == shown
    page.goto("/")
    expect(page.get_by_role("heading", name="Your codes were shown once")).to_be_visible()
    page.get_by_role("button", name="Make new codes").click()
    expect(codes).to_have_count(10)
    assert not set(codes.all_inner_texts()) & set(shown)
    page.get_by_role("button", name="Go to Home").click()
    expect(page.get_by_role("link", name="Save the codes first, then tick the box.")).to_be_visible()
    expect(codes).to_have_count(10)
    page.get_by_label("I saved them somewhere safe").check()
    page.get_by_role("button", name="Go to Home").click()

    page.wait_for_url(f"**/m/{shop.slug}/live/**")
    expect(page.get_by_role("navigation", name="Main", exact=True)).to_be_visible()
    page.goto("/me/sessions/")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text("this one")
    answer = page.goto(link)
    assert answer.status == 410
    expect(page.locator("#main")).to_contain_text("Ask for a new invitation")
    sign_in_again(site, page, base64.b32decode(secret))


def sign_in_again(site: Site, page: Page, key: bytes) -> None:
    """Leaving clears what the browser kept; the next time password and code are enough."""
    page.goto("/")
    page.get_by_text("Your account").locator("..").click()
    with page.expect_response("**/accounts/logout/") as leaving:
        page.get_by_role("button", name="Sign out").click()
    assert leaving.value.all_headers()["clear-site-data"] == '"cache", "storage"'
    page.goto("/me/profile/")
    page.wait_for_url("**/accounts/login/?next=%2Fme%2Fprofile%2F")
    page.get_by_label("E-mail").fill("nina@boats.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    # The code that was used a moment ago is worth nothing any more; the next one is accepted a little early.
    page.get_by_label("Code", exact=True).fill(f"{totp(key, t0=-30):06}")
    page.get_by_role("button", name="Verify and sign in").click()
    page.wait_for_url("**/me/profile/")
