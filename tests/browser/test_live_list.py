"""A payment appears in the open list by itself, unless somebody has the keyboard in there."""

import time

from playwright.sync_api import expect

from tests.billing import deliveries
from tests.browser.look import axe, ids
from tests.browser.stock import open_shop


def pay(site, shop, number):
    """A signed event, posted to the door as the processor does it."""
    at = int(time.time())
    name = f"{shop.slug}-{number}"
    charge = deliveries.charge(
        id=f"ch_{name}",
        payment_intent=f"pi_{name}",
        amount=1000 + number,
        created=at,
        livemode=True,
        metadata={"order_id": f"LIVE-{number}"},
    )
    event = deliveries.event("charge.succeeded", charge, at=at, id=f"evt_{name}", livemode=True)
    site.deliver(shop.connections["live"], event)


def refund(site, shop, number):
    name, at = f"{shop.slug}-{number}", int(time.time()) + 1
    amount = 1000 + number
    charge = deliveries.charge(
        id=f"ch_{name}", payment_intent=f"pi_{name}", amount=amount, amount_captured=amount, created=at, livemode=True
    )
    back = charge | {"amount_refunded": amount, "refunded": True, "metadata": {"order_id": f"LIVE-{number}"}}
    event = deliveries.event("charge.refunded", back, at=at, id=f"evt_back_{name}", livemode=True)
    site.deliver(shop.connections["live"], event)


def test_payments_appear_without_a_reload(site, open_page):
    shop = open_shop(site)
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.get_by_role("heading", name="No payments yet")).to_be_visible()
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    page.evaluate("document.documentElement.dataset.loaded = 'once'")
    page.locator("#results-summary").evaluate("region => { region.dataset.same = 'yes'; }")

    pay(site, shop, 1)
    expect(page.get_by_role("link", name="LIVE-1")).to_be_visible()
    expect(page.locator("#results-summary")).to_have_text("1 transaction · page 1 of 1")
    expect(page.locator("#results-summary")).to_have_attribute("data-same", "yes")
    # Nobody had the keyboard in there, and nobody has now: the next one appears as well.
    pay(site, shop, 2)
    expect(page.get_by_role("link", name="LIVE-2")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-loaded", "once")
    assert ids(page) == []
    assert axe(page) == []


def test_what_came_between_the_page_and_its_stream_appears(site, open_page):
    shop = open_shop(site)
    held = []

    def hold(route):
        held.append(route)

    page = open_page(site, shop.people["owner"])
    page.route("**/_/live/", hold)
    page.goto(shop.path())
    expect(page.get_by_role("heading", name="No payments yet")).to_be_visible()
    other = open_page(site, shop.people["owner"], shop.path())
    expect(other.locator("#live-state")).to_contain_text("Live updates on")
    pay(site, shop, 1)
    expect(other.get_by_role("link", name="LIVE-1")).to_be_visible()
    assert not page.get_by_role("link", name="LIVE-1").is_visible()
    held[0].continue_()
    expect(page.get_by_role("link", name="LIVE-1")).to_be_visible()


def test_rows_do_not_move_under_the_keyboard(site, open_page):
    shop = open_shop(site)
    pay(site, shop, 1)
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    first = page.get_by_role("link", name="LIVE-1")
    first.focus()

    pay(site, shop, 2)
    offer = page.get_by_role("button", name="1 new – show")
    expect(offer).to_be_visible()
    expect(page.get_by_role("link", name="LIVE-2")).to_have_count(0)
    expect(first).to_be_focused()
    offer.click()
    expect(page.get_by_role("link", name="LIVE-2")).to_be_visible()
    expect(offer).to_have_count(0)


def test_an_answer_under_way_does_not_move_them_either(site, open_page):
    shop = open_shop(site)
    pay(site, shop, 1)
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/transactions/_/results/**", hold)
    with page.expect_request("**/transactions/_/results/**"):
        pay(site, shop, 2)
    first = page.get_by_role("link", name="LIVE-1")
    first.focus()
    held.pop().continue_()
    expect(page.get_by_role("button", name="1 new – show")).to_be_visible()
    expect(first).to_be_focused()


def test_what_changes_while_an_answer_is_under_way_comes_with_the_next(site, open_page):
    shop = open_shop(site)
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    held = []

    def hold_the_first(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/transactions/_/results/**", hold_the_first)
    with page.expect_request("**/transactions/_/results/**"):
        pay(site, shop, 1)
    site.settle()
    expect(page.get_by_role("heading", name="No payments yet")).to_be_visible()
    (question,) = held
    answer = question.fetch()
    # Longer than the pause between two questions: the next one is asked, and dropped for the one under way.
    page.wait_for_timeout(1200)
    pay(site, shop, 2)
    site.settle()
    page.wait_for_timeout(300)
    question.fulfill(response=answer)
    expect(page.get_by_role("link", name="LIVE-2")).to_be_visible()


def test_a_change_of_a_row_that_is_there_is_not_called_new(site, open_page):
    shop = open_shop(site)
    pay(site, shop, 1)
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path())
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    page.get_by_role("link", name="LIVE-1").focus()

    refund(site, shop, 1)
    expect(page.get_by_role("button", name="Changed – show")).to_be_visible()
    pay(site, shop, 2)
    expect(page.get_by_role("button", name="1 new – show")).to_be_visible()


def test_a_payment_that_is_looked_at_stays_true(site, open_page):
    shop = open_shop(site)
    pay(site, shop, 1)
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path())
    page.get_by_role("link", name="LIVE-1").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Succeeded")
    expect(page.locator("#live-state")).to_contain_text("Live updates on")

    refund(site, shop, 1)
    expect(heading).to_contain_text("Refunded")
    expect(page.locator("#timeline li")).to_have_count(2)
    assert ids(page) == []
    assert axe(page) == []
