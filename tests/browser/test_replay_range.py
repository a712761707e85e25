"""A range of events is counted, looked at, and replayed by a second step."""

import time

from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from tests.billing import deliveries
from tests.browser.look import every_look, two_looks
from tests.browser.stock import open_shop


def test_a_range_is_counted_by_type_and_then_replayed(site, open_page):
    shop = open_shop(site, roles=[MerchantRole.DEVELOPER])
    at = int(time.time())
    for number in range(3):
        charge = deliveries.charge(id=f"ch_range{at}{number}", payment_intent=None, created=at, livemode=True)
        name = f"evt_range{at}{number}"
        sent = deliveries.event("charge.succeeded", charge, at=at, id=name, livemode=True)
        site.deliver(shop.connections["live"], sent)
    site.settle()

    page = open_page(site, shop.people["developer"], shop.path("events/"))
    page.get_by_role("link", name="Replay a range").click()
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("link", name="Enter a type, or when the range begins.")).to_be_visible()
    assert two_looks(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("textbox", name="Type").fill("charge.")
    page.get_by_label("Only dead letters").uncheck()
    page.get_by_role("button", name="Dry run").click()

    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("3 events would be replayed")
    expect(heading).to_be_focused()
    expect(page.get_by_role("table").get_by_role("row", name="charge.succeeded")).to_contain_text("3")
    assert every_look(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("link", name="Change the range").first.click()
    expect(page.get_by_role("textbox", name="Type")).to_have_value("charge.")
    expect(page.get_by_label("Only dead letters")).not_to_be_checked()

    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Replay 3 events").click()
    expect(page.locator("#toasts")).to_contain_text("3 events will be replayed.")
    site.settle()
    page.reload()
    page.locator(".cf-row-link").first.click()
    expect(page.get_by_role("table", name="Attempts").locator("tbody tr").first).to_contain_text("No change")
