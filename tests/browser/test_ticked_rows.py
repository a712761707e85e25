"""Rows of the list are ticked by mouse and keyboard, tagged and annotated; views keep filters under a name."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from billing import clock
from billing.access.roles import MerchantRole
from billing.notes.models import Note
from billing.tags.models import PaymentTag
from tests.billing.deliveries import make_connection
from tests.browser.look import axe, ids
from tests.browser.test_find_and_share import choose
from tests.portal.payments import write_payments
from tests.portal.people import make_merchant, make_person

ROWS = 30


@pytest.fixture
def shop(site):
    """A merchant of one's own with 30 payments: its slug and the e-mail address of its owner."""

    def make():
        merchant = make_merchant(f"ticks-{uuid.uuid4().hex[:8]}")
        make_person(f"owner@{merchant.slug}.example", merchant=merchant, role=MerchantRole.OWNER)
        now = clock.now()
        rows = [{"created_at": now.replace(microsecond=number), "reference": f"T-{number}"} for number in range(ROWS)]
        write_payments(make_connection(merchant, livemode=True), rows)
        return merchant.slug

    slug = site.ask(make)
    return f"/m/{slug}/live/transactions/", f"owner@{slug}.example"


def boxes(page: Page):
    return page.locator('[data-list] input[name="row"]')


def ticked(page: Page) -> list[int]:
    return boxes(page).evaluate_all("all => all.flatMap((box, at) => box.checked ? [at] : [])")


def count(site, model) -> int:
    return site.ask(model.objects.count)


def test_rows_are_ticked_in_ranges_and_tagged(site, shop, open_page):
    path, owner = shop
    page = open_page(site, owner, path)
    bar, said = page.locator("#selection"), page.locator("#announce")
    top = boxes(page).first.bounding_box()["y"]
    expect(bar).to_be_hidden()
    boxes(page).nth(2).click()
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("1 selected")
    expect(page.locator(".cf-result-line")).to_be_hidden()
    # No row moves under the pointer.
    assert boxes(page).first.bounding_box()["y"] == top
    boxes(page).nth(5).click(modifiers=["Shift"])
    assert ticked(page) == [2, 3, 4, 5]
    expect(said).to_have_text("4 selected")
    head = page.locator("[data-tick-page]")
    assert head.evaluate("box => box.indeterminate")
    assert ids(page) == []
    assert axe(page) == []
    bar.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Tag", exact=True).fill("Expedition")
    page.get_by_role("button", name="Apply to 4 payments").click()
    expect(page.locator("#toasts")).to_contain_text("4 payments tagged “expedition”.")
    expect(page).to_have_url(re.compile(r"/transactions/$"))
    assert ticked(page) == []


def test_a_printed_list_says_how_many_rows_there_are_though_some_are_ticked(site, shop, open_page):
    path, owner = shop
    page = open_page(site, owner, path)
    boxes(page).first.check()
    page.emulate_media(media="print")
    expect(page.locator("#selection")).to_be_hidden()
    expect(page.locator(".cf-result-line")).to_be_visible()


def test_the_keyboard_ticks_and_clears_and_is_never_lost(site, shop, open_page):
    path, owner = shop
    page = open_page(site, owner, path)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert ticked(page) == [0, 1, 2]
    expect(page.locator("#announce")).to_have_text("3 selected")
    page.locator("#selection").get_by_role("button", name="Clear").press("Enter")
    expect(page.locator("#selection")).to_be_hidden()
    expect(page.locator("[data-tick-page]")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("Nothing selected")
    page.keyboard.press("Space")
    expect(page.locator("#selection")).to_contain_text("25 selected")
    page.get_by_role("button", name="Select all 30 results").press("Enter")
    expect(page.locator("#selection")).to_contain_text("All 30 results selected")
    expect(page.locator("#announce")).to_have_text("All 30 results selected")
    expect(page.locator("#selection").get_by_role("button", name="Clear")).to_be_focused()
    # One box less is not all of them any more.
    boxes(page).nth(3).uncheck()
    expect(page.locator("#selection")).to_contain_text("24 selected")


def test_clearing_on_a_phone_keeps_the_keyboard_in_the_list(site, shop, open_page):
    path, owner = shop
    page = open_page(site, owner, path, viewport={"width": 390, "height": 800})
    boxes(page).nth(2).check()
    page.locator("#selection").get_by_role("button", name="Clear").press("Enter")
    expect(page.locator("#selection")).to_be_hidden()
    expect(boxes(page).first).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_all_results_get_a_note_after_a_review(site, shop, open_page, scripts):
    path, owner = shop
    before = count(site, Note)
    page = open_page(site, owner, path, java_script_enabled=scripts)
    boxes(page).first.check()
    page.get_by_role("button", name="Select all 30 results").click()
    if scripts:
        page.locator("#selection").get_by_role("button", name="Add note").click()
    else:
        page.get_by_role("link", name="Note", exact=True).click()
    page.get_by_label("Note", exact=True).fill("Two pegs bent.")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add this note to 30 payments")
    assert not scripts or axe(page) == []
    assert count(site, Note) == before
    page.get_by_role("button", name="Add this note to 30 payments").click()
    expect(page.locator("#toasts")).to_contain_text("Note added to 30 payments.")
    assert count(site, Note) == before + 30


def test_tags_are_changed_on_the_page_of_a_payment_without_losing_focus(site, shop, open_page):
    path, owner = shop
    before = count(site, PaymentTag)
    page = open_page(site, owner, path)
    page.locator("#results a.cf-row-link").first.click()
    field = page.get_by_label("New tag")
    field.fill("vip")
    field.press("Enter")
    tags = page.get_by_role("list", name="Tags of this payment")
    expect(tags).to_contain_text("vip")
    expect(field).to_be_focused()
    assert count(site, PaymentTag) == before + 1
    page.get_by_role("button", name="Remove the tag vip").press("Enter")
    expect(page.locator("#tags")).to_contain_text("No tags.")
    # The keyboard is put back once the new panel has settled.
    page.wait_for_function("document.activeElement !== document.body")
    assert axe(page) == []


def test_a_phone_shows_every_tag_of_a_payment(site, shop, open_page):
    path, owner = shop
    page = open_page(site, owner, path)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#results a.cf-row-link").first.click()
    tags = page.get_by_role("list", name="Tags of this payment").get_by_role("listitem")
    for number in range(4):
        page.get_by_label("New tag").fill(f"warehouse-{number}")
        page.get_by_label("New tag").press("Enter")
        expect(tags).to_have_count(number + 1)
    assert max(box["x"] + box["width"] for box in (tag.bounding_box() for tag in tags.all())) <= 390


@pytest.mark.parametrize("scripts", [True, False])
def test_a_view_is_saved_opened_changed_and_reset(site, shop, open_page, scripts):
    path, owner = shop
    page = open_page(site, owner, path, java_script_enabled=scripts)
    if scripts:
        choose(page, "Status", "Succeeded")
    else:
        page.goto(f"{path}?status=succeeded")
    page.get_by_role("link", name="Save as a view").click()
    page.get_by_label("Name").fill("Paid ones")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"\?status=succeeded&view=viw_\w+$"))
    opened = page.url
    views = page.locator("#views")
    expect(views).to_contain_text("Paid ones")
    page.goto(f"{path}?view=all")
    views.locator("summary").click()
    views.get_by_role("link", name="Paid ones").click()
    expect(page).to_have_url(opened)
    if scripts:
        choose(page, "Succeeded", "Failed")
        expect(page).to_have_url(re.compile("status=succeeded&status=failed&view=viw_"))
    else:
        page.goto(opened.replace("status=succeeded", "status=failed"))
    expect(views).to_contain_text("Modified")
    views.get_by_role("link", name="Reset").click()
    expect(page).to_have_url(opened)
    expect(views).not_to_contain_text("Modified")
