"""The page of a payment under people's hands: having somebody shown, and narrowing the timeline."""

import re

import pytest
from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.audit.models import AuditEvent
from billing.payments.models import Payment
from tests.browser.look import axe, every_look, ids, on_the_smallest_phone
from tests.browser.stock import open_shop
from tests.browser.test_live_list import pay, refund


@pytest.fixture
def shop(site):
    opened = open_shop(site, roles=[MerchantRole.OWNER, MerchantRole.SUPPORT, MerchantRole.DEVELOPER])
    pay(site, opened, 1)
    refund(site, opened, 1)
    site.settle()
    return opened


def until(page, happened):
    for _ in range(150):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within 15 s")


def looks(site, shop):
    people = AuditEvent.objects.filter(action="customer.revealed", actor_label="Pat Person")
    return site.ask(lambda: people.filter(merchant_id__gt=0, object_type="payment").count())


def open_it(open_page, site, shop, role="support", **options):
    page = open_page(site, shop.people[role], shop.path(), **options)
    page.get_by_role("link", name="LIVE-1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Refunded")
    return page


def test_somebody_is_shown_without_a_reload_and_typed_text_stays(site, open_page, shop):
    page = open_it(open_page, site, shop)
    colleague = open_it(open_page, site, shop, "owner")
    page.get_by_label("Write a note").fill("Half a note")
    expect(page.locator(".cf-facts")).to_contain_text("L•••• V••••")
    before = looks(site, shop)
    page.get_by_role("button", name="Reveal").dblclick()
    for region in ("#summary", "#customer"):
        expect(page.locator(region)).to_contain_text("Lena Vogt")
    expect(page.locator("#customer")).to_contain_text("Shown to you until")
    expect(page.locator("#timeline")).to_contain_text("Personal data shown")
    expect(page.get_by_label("Write a note")).to_have_value("Half a note")
    assert looks(site, shop) == before + 1
    page.get_by_text("Viewed by 1 person").click()
    expect(page.locator(".cf-viewers li")).to_contain_text("Pat Person")
    assert every_look(page) == []
    colleague.reload()
    expect(colleague.locator(".cf-facts")).to_contain_text("L•••• V••••")
    expect(colleague.locator("#customer")).to_contain_text("Viewed by 1 person")


def test_a_part_that_was_asking_when_somebody_was_shown_asks_again(site, open_page, shop):
    page = open_it(open_page, site, shop)
    held = []
    page.route("**/_/summary/**", lambda route: route.continue_() if held else held.append(route))
    page.evaluate("htmx.trigger('#summary', 'live')")
    until(page, lambda: held)
    masked = held[0].fetch()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#customer")).to_contain_text("Lena Vogt")
    held[0].fulfill(response=masked)
    expect(page.locator("#summary")).to_contain_text("Lena Vogt")


def test_an_open_page_asks_again_when_the_time_is_over(site, open_page, shop):
    page = open_it(open_page, site, shop)
    page.clock.install()
    page.get_by_role("button", name="Reveal").click()
    # Each part has come again, with the time that is left.
    parts = page.locator("[hx-trigger*='load delay']")
    expect(parts).to_have_count(8)
    expect(page.locator(".htmx-added, .htmx-settling, .htmx-request")).to_have_count(0)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.fast_forward(602_000)
    for part in ("summary", "customer", "timeline", "notes", "details"):
        until(page, lambda part=part: any(f"/_/{part}/" in url for url in asked))


def test_without_scripts_somebody_is_shown_too(site, open_page, shop):
    page = open_it(open_page, site, shop, java_script_enabled=False)
    page.get_by_role("button", name="Reveal").click()
    expect(page).to_have_url(re.compile(r"#customer$"))
    expect(page.locator("#customer")).to_contain_text("Lena Vogt")


def test_the_timeline_is_narrowed_in_place_and_back_leads_to_the_list(site, open_page, shop):
    page = open_it(open_page, site, shop)
    lines = page.locator("#timeline li")
    expect(lines).to_have_count(2)
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("Nobody has written a note or looked at personal data.")
    expect(page).to_have_url(re.compile(r"show=people"))
    expect(page.get_by_role("link", name="People", exact=True)).to_be_focused()
    page.get_by_role("link", name="Money", exact=True).click()
    expect(lines).to_have_count(2)
    assert ids(page) == []
    assert axe(page) == []
    page.reload()
    expect(page.get_by_role("link", name="Money", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Back to results").click()
    expect(page).to_have_url(re.compile(r"/transactions/$"))


def test_a_reference_without_spaces_stays_on_the_phone(site, open_page, shop):
    page = open_it(open_page, site, shop)
    name = "<b>" + "A" * 190
    payment = page.url.split("/transactions/")[1].partition("/")[0]
    site.ask(lambda: Payment.objects.filter(public_id=payment).update(reference=name, description="\u202e" + name))
    page.reload()
    expect(page.locator(".cf-subtitle")).to_contain_text(name)
    assert on_the_smallest_phone(page) == []
    # Where it stands among others, it leaves them their room.
    pay(site, shop, 2)
    site.settle()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(shop.path())
    page.get_by_role("link", name="LIVE-2").click()
    expect(page.locator("#related")).to_contain_text(name)
    assert page.locator("#related").evaluate("panel => panel.scrollWidth - panel.clientWidth") == 0
