"""An event that failed twice is understood and replayed by a developer (journey 10)."""

import time

import pytest
from playwright.sync_api import expect

from billing.access.roles import MerchantRole
from billing.webhooks.models import WebhookEvent
from tests.billing import deliveries
from tests.browser.look import axe, every_look
from tests.browser.site import Site
from tests.browser.stock import open_shop
from tests.stack import Stack


@pytest.fixture
def broken_site(browser, own_stack: Stack, tmp_path, django_db_blocker):
    """A site whose handlers fail where an event's metadata says so, until the file `cured` is there."""
    clock = tmp_path / "clock"
    clock.write_text("0")
    own_stack.start(
        DJANGO_SETTINGS_MODULE="tests.trust.settings",
        TRUST_CURED=str(tmp_path / "cured"),
        COUNTERFOIL_CLOCK_OFFSET_FILE=str(clock),
    )
    with Site(own_stack, django_db_blocker) as site:
        yield site


def wait_for_attempts(site, external_id, count):
    until = time.monotonic() + 20
    while site.ask(lambda: WebhookEvent.objects.get(external_id=external_id).attempts) < count:
        assert time.monotonic() < until, f"no attempt {count}"
        time.sleep(0.1)


def test_an_event_that_failed_is_replayed(broken_site, open_page, tmp_path):
    site = broken_site
    shop = open_shop(site, roles=[MerchantRole.DEVELOPER, MerchantRole.OWNER])
    at = int(time.time())
    charge = deliveries.charge(created=at, livemode=True, metadata={"order_id": "BOAT-1", "trust": "raise"})
    site.deliver(
        shop.connections["live"],
        deliveries.event("charge.succeeded", charge, at=at, id="evt_twice", livemode=True),
    )
    wait_for_attempts(site, "evt_twice", 1)
    # The second attempt is due ten seconds later: the site's clock need not be waited for.
    (tmp_path / "clock").write_text("15")
    wait_for_attempts(site, "evt_twice", 2)

    page = open_page(site, shop.people["developer"], shop.path("events/"))
    page.get_by_role("link", name="charge.succeeded").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Retrying")
    expect(page.get_by_role("heading", name="Why it failed")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("It could not be applied, and nothing was written.")
    expect(page.locator("#main")).to_contain_text("Poisoned")
    expect(page.locator("#main")).not_to_contain_text("Traceback")
    assert axe(page) == []
    attempts = page.get_by_role("table", name="Attempts").locator("tbody tr")
    expect(attempts).to_have_count(2)

    (tmp_path / "cured").touch()
    replay(page, "Replayed: it changed what is shown here.")
    expect(attempts).to_have_count(3)
    replay(page, "Replayed: no change, everything in it was known already.")
    expect(attempts.locator("th")).to_have_text(["4", "3", "2", "1"])
    expect(attempts.first).to_contain_text("No change")
    expect(attempts.nth(1)).to_contain_text("Changed")
    expect(heading.locator(".cf-badge")).to_have_class("cf-badge cf-ok")
    expect(heading).to_contain_text("Processed")
    address = page.url
    assert every_look(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})

    page.locator(".cf-facts").get_by_role("link").click()
    expect(page.locator("#timeline li")).to_have_count(1)
    page.locator("#timeline").get_by_role("link", name="evt_twice").click()
    expect(page).to_have_url(address)


def replay(page, answer):
    page.get_by_role("button", name="Replay this event").click()
    expect(page.locator("#toasts")).to_contain_text(answer)
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
