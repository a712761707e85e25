"""What can be done with a payment stays in reach on a phone, and hides nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.guide import Guide
from tests.browser.look import PHONE, SMALLEST, axe, every_look
from tests.browser.routes import ROUTES
from tests.browser.test_keyboard import walk

OpenPage = Callable[..., Page]
PAYMENT, FORM = "merchant:transaction, to be refunded", "merchant:refund_new"
END = "scrollTo(0, document.body.scrollHeight)"
# Whether somebody who points at the middle of an element meets it.
MEETS = """(element) => {
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return element.contains(top);
}"""


def open_route(guide: Guide, open_page: OpenPage, name: str, width: int = PHONE, height: int = 800) -> Page:
    visit = ROUTES[name](guide)
    return open_page(guide.site, visit.person, visit.path, viewport={"width": width, "height": height})


def bottom(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize(("width", "height"), [(PHONE, 800), (SMALLEST, 640)])
def test_the_button_is_there_wherever_one_has_scrolled_to(
    guide: Guide, open_page: OpenPage, width: int, height: int
) -> None:
    page = open_route(guide, open_page, PAYMENT, width, height)
    refund = page.get_by_role("link", name="Refund", exact=True)
    for script in ("scrollTo(0, 0)", END):
        page.evaluate(script)
        expect(refund).to_be_in_viewport(ratio=1)
        assert refund.evaluate(MEETS)
    # The end of the page comes out from under it, and so does a message that stands there for a while.
    bar = page.locator(".cf-action-bar")
    assert bottom(page.get_by_role("link", name="Keyboard shortcuts")) <= top(bar)
    page.evaluate("portal.toast('Note added.')")
    assert bottom(page.locator("#toasts")) <= top(bar)
    assert bottom(bar) <= top(page.locator(".cf-bottombar"))
    assert axe(page) == []


def test_the_menu_of_places_opens_over_it(guide: Guide, open_page: OpenPage) -> None:
    page = open_route(guide, open_page, PAYMENT)
    page.locator(".cf-bottombar summary").click()
    assert not page.locator("#refund-action").evaluate(MEETS)
    help_link = page.locator(".cf-more-sheet a").last
    help_link.scroll_into_view_if_needed()
    assert help_link.evaluate(MEETS)
    assert axe(page) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (SMALLEST, 256)])
def test_on_a_desk_and_in_a_low_window_it_stands_in_its_place(
    guide: Guide, open_page: OpenPage, width: int, height: int
) -> None:
    page = open_route(guide, open_page, PAYMENT, width, height)
    expect(page.locator(".cf-action-bar")).to_have_css("position", "static")


def test_paper_has_no_buttons(guide: Guide, open_page: OpenPage) -> None:
    page = open_route(guide, open_page, PAYMENT)
    page.emulate_media(media="print")
    expect(page.locator(".cf-action-bar")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_buttons_of_a_form_stay_in_reach_and_cover_no_field(guide: Guide, open_page: OpenPage) -> None:
    page = open_route(guide, open_page, FORM, height=600)
    send = page.get_by_role("button", name="Review the refund")
    page.get_by_label("Reason").select_option("Payment was fraudulent")
    page.get_by_label("A part of it").check()
    for script in ("scrollTo(0, 0)", END):
        page.evaluate(script)
        expect(send).to_be_in_viewport(ratio=1)
        assert send.evaluate(MEETS)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.activeElement.blur()")
    stops, flaws = walk(page)
    assert flaws == []
    assert any("refund-note" in stop for stop in stops)
    assert every_look(page) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 600), (PHONE, 600)])
def test_the_buttons_of_a_dialog_stay_in_reach_and_cover_no_field(
    guide: Guide, open_page: OpenPage, width: int, height: int
) -> None:
    page = open_route(guide, open_page, PAYMENT, width, height)
    page.get_by_role("link", name="Refund", exact=True).click()
    dialog = page.locator("#dialog")
    send = dialog.get_by_role("button", name="Review the refund")
    page.get_by_label("Reason").select_option("Payment was fraudulent")
    page.get_by_label("A part of it").check()
    page.get_by_label("Amount").fill("1")
    for place in (0, 9999):
        dialog.evaluate("(element, place) => { element.scrollTop = place; }", place)
        expect(send).to_be_in_viewport(ratio=1)
        assert send.evaluate(MEETS)
    dialog.evaluate("element => { element.scrollTop = 0; }")
    page.get_by_role("button", name="Close").focus()
    stops, flaws = walk(page)
    assert flaws == []
    assert any("refund-note" in stop for stop in stops)
    send.click()
    expect(dialog.get_by_role("button", name="Refund 1 JPY")).to_be_in_viewport(ratio=1)
    assert axe(page) == []
