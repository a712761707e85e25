"""A session that ends while somebody asks for a refund (journey 11)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from billing.access.roles import MerchantRole
from billing.commands.models import MoneyCommand
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.tags.change import add_tag
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.session_store import SessionStore
from portal.accounts.user import User
from portal.management.commands.otp import unused_code
from tests.billing.factories import TESTER
from tests.browser.look import axe, ids
from tests.browser.site import Site
from tests.browser.stock import Shop, open_shop
from tests.browser.test_live_list import pay
from tests.browser.test_refund import KEY, SLUG, asked_for, bakery, open_payment, processor
from tests.portal.people import PASSWORD, make_person
from tests.simulator.processes import Simulator

__all__ = ["bakery", "processor"]

NOTE = "Zip of the tent fails; part credit agreed."
WRITTEN = "You wrote something here before you were signed out."
KEPT = "sessionStorage.getItem('portal-kept')"
SIGN_IN = re.compile(r"/accounts/login/\?next=")


@pytest.mark.parametrize("place", ["dialog", "page"])
def test_what_was_typed_is_offered_again_and_nothing_is_refunded(
    bakery: Site, processor: Simulator, open_page: Callable[..., Page], place: str
) -> None:
    for first in ("a live refresh", "the submit"):
        email = f"sam-{first.split()[-1]}@{SLUG}.example"
        bakery.ask(_hire, email, SLUG)
        page = open_page(bakery, email)
        open_payment(page)
        if place == "page":
            page.goto(page.get_by_role("link", name="Refund", exact=True).get_attribute("href"))
        else:
            page.get_by_role("link", name="Refund", exact=True).click()
        # Of the payment's page, where the form is a dialog.
        form = page.url
        answers = _answers(page)

        # The form, half filled in
        _fill(page)
        _end_session(bakery, page, answers)
        if first == "the submit":
            page.get_by_role("button", name="Review").click()
        elif place == "dialog":
            bakery.ask(_tag)
        else:
            page.evaluate("htmx.trigger('#bell', 'live')")
        expect(page).to_have_url(SIGN_IN)
        _no_page_in_a_fragment(answers)
        _sign_in(bakery, page, email)
        expect(page).to_have_url(form)
        _put_back(page, place)

        # Its review
        page.get_by_role("button", name="Review").click()
        expect(page.get_by_role("button", name="Refund 12.30 USD")).to_be_visible()
        _end_session(bakery, page, answers)
        page.get_by_role("button", name="Refund 12.30 USD").click()
        expect(page).to_have_url(SIGN_IN)
        _no_page_in_a_fragment(answers)
        _sign_in(bakery, page, email)
        expect(page).to_have_url(form)
        _put_back(page, place)
        assert asked_for(bakery) == []
        assert processor.client(KEY).v1.refunds.list({}).data == []
        told = {(each["method"], each["path"]) for each in processor.control("GET", "/journal")}
        assert ("POST", "/v1/refunds") not in told

    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Refund 12.30 USD").click()
    expect(page).to_have_url(re.compile(r"/refunds/ref_\w+/"))
    assert page.evaluate(KEPT) is None
    assert asked_for(bakery) == [1230]


@pytest.fixture
def shop(site: Site) -> Shop:
    opened = open_shop(site, roles=[MerchantRole.OWNER, MerchantRole.ADMIN])
    pay(site, opened, 1)
    site.settle()
    return opened


def test_nobody_else_is_offered_it(site: Site, shop: Shop, open_page: Callable[..., Page]) -> None:
    page = _open_form(site, shop, open_page)
    _fill(page)
    payment = _lose(site, page)
    site.forget(shop.people["owner"])
    for role in ("admin", "owner"):
        _come_back(site, page, shop.people[role], payment)
        assert page.evaluate(KEPT) is None
        expect(page.locator("[data-kept]")).to_have_count(0)


def test_a_tick_is_given_anew(site: Site, shop: Shop, open_page: Callable[..., Page]) -> None:
    page = _open_form(site, shop, open_page)
    _fill(page)
    page.get_by_label("Reason").select_option("Payment was fraudulent")
    page.get_by_label("Tell Stripe").check()
    payment = _lose(site, page)
    site.forget(shop.people["owner"])
    _come_back(site, page, shop.people["owner"], payment)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Reason")).to_have_value("fraudulent")
    expect(page.get_by_label("Tell Stripe")).not_to_be_checked()


def _open_form(site: Site, shop: Shop, open_page: Callable[..., Page]) -> Page:
    page = open_page(site, shop.people["owner"], shop.path())
    page.get_by_role("link", name="LIVE-1").click()
    page.get_by_role("link", name="Refund", exact=True).click()
    return page


def _lose(site: Site, page: Page) -> str:
    """Sends a form after its session has ended; returns the address of its page."""
    address = page.url
    _end_session(site, page, [])
    page.get_by_role("button", name="Review").click()
    expect(page).to_have_url(SIGN_IN)
    assert NOTE in page.evaluate(KEPT)
    return address


def _come_back(site: Site, page: Page, person: str, address: str) -> None:
    page.context.add_cookies([{"name": "session", "value": site.session(person), "url": site.url}])
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded")


def _hire(email: str, slug: str) -> None:
    make_person(email, merchant=Merchant.objects.get(slug=slug), role=MerchantRole.OWNER, password=PASSWORD)


def _tag() -> None:
    """Somebody else tags the payment, which its page hears of."""
    payment = Payment.objects.get()
    word = f"t{MoneyCommand.objects.count()}"
    add_tag(merchant=payment.merchant, livemode=False, payments=[payment.public_id], word=word, by=TESTER)


def _fill(page: Page) -> None:
    page.get_by_label("A part of it").check()
    page.get_by_label("Amount").fill("12.30")
    page.get_by_label("Reason").select_option("Problem with the product or service")
    page.get_by_label("Note", exact=True).fill(NOTE)


def _answers(page: Page) -> list[Response]:
    """What comes for a part of the page."""
    found: list[Response] = []
    page.on("response", lambda answer: found.append(answer) if "hx-request" in answer.request.headers else None)
    return found


def _end_session(site: Site, page: Page, answers: list[Response]) -> None:
    # A stream that is told to sign in while it begins complains of it.
    expect(page.locator("#live-state")).to_contain_text("Live updates on")
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "session"]
    site.ask(lambda: SessionStore(cookie["value"]).delete())
    # What came before came to somebody who was signed in.
    answers.clear()


def _no_page_in_a_fragment(answers: list[Response]) -> None:
    assert {answer.status for answer in answers} <= {401}


def _sign_in(site: Site, page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill(site.ask(_code, email))
    page.get_by_role("button", name="Verify and sign in").click()


def _code(email: str) -> str:
    return unused_code(confirmed_authenticator(User.objects.get(email=email)))


def _put_back(page: Page, place: str) -> None:
    offer = page.locator("[data-kept]")
    expect(offer).to_contain_text(f"Refund · {WRITTEN}" if place == "dialog" else WRITTEN)
    assert axe(page) == []
    if place == "page":
        expect(page.get_by_label("Note", exact=True)).to_have_value("")
    offer.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Amount")).to_be_focused()
    expect(page.get_by_label("Amount")).to_have_value("12.30")
    expect(page.get_by_label("A part of it")).to_be_checked()
    expect(page.get_by_label("Reason")).to_have_value("product_problem")
    expect(page.get_by_label("Note", exact=True)).to_have_value(NOTE)
    expect(offer).to_have_count(0)
    assert page.evaluate(KEPT) is None
    assert ids(page) == []
