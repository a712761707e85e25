"""Notes as people write and read them, and a session that ends in the middle of one (journey 11)."""

import re

import pytest
from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.merchants.models import Merchant
from billing.notes.models import Note
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.session_store import SessionStore
from portal.accounts.user import User
from portal.management.commands.otp import unused_code
from tests.browser.look import axe, every_look, ids
from tests.browser.stock import open_shop
from tests.browser.test_live_list import pay, refund
from tests.portal.people import PASSWORD, make_person

TEXT = "Two pegs bent, the customer keeps the tent."


@pytest.fixture
def shop(site):
    opened = open_shop(site, roles=[MerchantRole.OWNER, MerchantRole.SUPPORT, MerchantRole.VIEWER])
    pay(site, opened, 1)
    site.settle()
    return opened


def open_payment(open_page, site, shop, person, **options):
    page = open_page(site, person, shop.path(), **options)
    page.get_by_role("link", name="LIVE-1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded")
    return page


def notes_of(site, shop):
    return site.ask(lambda: list(Note.objects.filter(merchant__slug=shop.slug).values_list("text", flat=True)))


def test_what_a_colleague_writes_appears_and_half_a_note_stays(site, open_page, shop):
    support = open_payment(open_page, site, shop, shop.people["support"])
    owner = open_payment(open_page, site, shop, shop.people["owner"])
    expect(support.locator("#live-state")).to_contain_text("Live updates on")
    typing = support.get_by_label("Write a note")
    typing.fill("Half a no")

    owner.get_by_label("Write a note").fill(TEXT)
    owner.get_by_role("button", name="Add note").click()
    expect(owner.locator("#note-thread")).to_contain_text(TEXT)
    expect(owner.locator("#toasts")).to_contain_text("Note added.")
    expect(owner.get_by_label("Write a note")).to_be_focused()
    expect(owner.get_by_label("Write a note")).to_have_value("")
    expect(support.locator("#note-thread")).to_contain_text(TEXT)
    expect(typing).to_have_value("Half a no")
    expect(typing).to_be_focused()
    for page in (support, owner):
        assert ids(page) == []
        assert axe(page) == []


def test_what_is_wrong_is_announced_and_linked(site, open_page, shop):
    page = open_payment(open_page, site, shop, shop.people["support"])
    title = page.title()
    page.get_by_role("button", name="Add note").click()
    summary = page.locator(".cf-error-summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title(f"Error: {title}")
    assert every_look(page) == []
    summary.get_by_role("link", name="Write something before you add the note.").click()
    field = page.get_by_label("Write a note")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    page.keyboard.type(TEXT)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#note-thread")).to_contain_text(TEXT)
    expect(page).to_have_title(title)
    assert notes_of(site, shop) == [TEXT]


def test_a_card_number_does_not_leave_the_page(site, open_page, shop):
    page = open_payment(open_page, site, shop, shop.people["support"])
    page.get_by_label("Write a note").fill("Her card is 4242 4242 4242 4242")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("[data-pan-error]")).to_be_visible()
    expect(page.get_by_label("Write a note")).to_be_focused()
    assert axe(page) == []
    assert notes_of(site, shop) == []


def test_without_scripts_notes_are_written_and_mistakes_told(site, open_page, shop):
    page = open_payment(open_page, site, shop, shop.people["support"], java_script_enabled=False)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".cf-error-summary")).to_contain_text("Write something before you add the note.")
    page.get_by_label("Write a note").fill(TEXT)
    page.get_by_role("button", name="Add note").click()
    expect(page).to_have_url(re.compile(r"/transactions/pay_\w+/\?back=[^#]+#notes$"))
    expect(page.locator("#note-thread")).to_contain_text(TEXT)
    assert notes_of(site, shop) == [TEXT]


@pytest.mark.parametrize("first", ["a live refresh", "the submit"])
def test_a_session_that_ends_in_the_middle_of_a_note(site, open_page, shop, first):
    email = f"sam-{first.split()[-1]}@{shop.slug}.example"
    site.ask(_hire, email, shop.slug)
    page = open_payment(open_page, site, shop, email)
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    address = page.url
    fragments = []
    page.on("response", lambda answer: fragments.append(answer) if "hx-request" in answer.request.headers else None)
    page.get_by_label("Write a note").fill(TEXT)
    site.ask(lambda: SessionStore(site.session(email)).delete())
    # The bell may have asked before.
    fragments.clear()

    if first == "a live refresh":
        refund(site, shop, 1)
    else:
        page.get_by_role("button", name="Add note").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    # No fragment held a page to sign in with: none held anything.
    assert {answer.status for answer in fragments} == {401}

    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill(site.ask(_code, email))
    page.get_by_role("button", name="Verify and sign in").click()
    expect(page).to_have_url(address)
    field = page.get_by_label("Write a note")
    expect(field).to_have_value("")
    assert notes_of(site, shop) == []
    assert axe(page) == []
    page.get_by_role("button", name="Put it back").click()
    expect(field).to_have_value(TEXT)
    assert page.evaluate("sessionStorage.getItem('portal-kept')") is None
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#note-thread")).to_contain_text(TEXT)
    assert notes_of(site, shop) == [TEXT]


def test_a_note_that_came_back_with_a_mistake_is_kept_too(site, open_page, shop):
    page = open_payment(open_page, site, shop, shop.people["support"])
    page.get_by_label("Write a note").fill("x" * 5_001)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".cf-error-summary")).to_be_focused()
    site.ask(lambda: SessionStore(site.session(shop.people["support"])).delete())
    site.forget(shop.people["support"])
    page.get_by_role("button", name="Add note").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    assert "x" * 5_001 in page.evaluate("sessionStorage.getItem('portal-kept')")


def _hire(email, slug):
    make_person(email, merchant=Merchant.objects.get(slug=slug), role=MerchantRole.SUPPORT, password=PASSWORD)


def _code(email):
    return unused_code(confirmed_authenticator(User.objects.get(email=email)))
