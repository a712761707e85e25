"""A customer is told of a refund: chosen with it, and followed on its page until the mail went out."""

import re
import time

from playwright.sync_api import expect

from billing.commands.models import MoneyCommand, Reply
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.refunds.models import Refund
from tests.browser.look import axe, every_look, ids
from tests.browser.stock import open_shop
from tests.portal.follow_ups import tell
from tests.portal.payments import pay
from tests.portal.requests import ask, made_of, send

HOUR = 3_600


def _sell(connection: str) -> str:
    account = ProviderAccount.objects.get(public_id=connection)
    return pay(account, reference="BOAT-9", at=int(time.time()) - HOUR).public_id


def _refund(connection: str) -> str:
    """A refund that succeeded, of which nobody wanted the customer to be told."""
    account = ProviderAccount.objects.get(public_id=connection)
    command = ask(pay(account, at=int(time.time()) - HOUR))
    # As if a worker had sent it: there is no processor behind this connection.
    MoneyCommand.objects.filter(pk=command.pk).update(state=State.DONE)
    send(command, Reply.DONE)
    tell(command.payment, ("refund.created", made_of(command), 200))
    return Refund.objects.get(payment=command.payment).public_id


def test_the_choice_is_seen_before_it_is_asked_for(site, open_page):
    shop = open_shop(site)
    payment = site.ask(_sell, shop.connections["live"])
    page = open_page(site, shop.people["owner"], shop.path(f"transactions/{payment}/"))
    page.get_by_role("link", name="Refund", exact=True).click()
    dialog = page.locator("#dialog")
    tick = dialog.get_by_role("checkbox", name="Send the customer a receipt")
    expect(tick).not_to_be_checked()
    expect(tick).to_have_accessible_description("To l••••@v••••, once the refund has succeeded.")
    tick.check()
    dialog.get_by_label("Reason").select_option("Goodwill")
    dialog.get_by_role("button", name="Review").click()
    expect(dialog).to_contain_text("To l••••@v••••, once the refund has succeeded.")
    assert ids(page) == axe(page) == []
    # Going back keeps it.
    dialog.get_by_role("button", name="Change").click()
    expect(tick).to_be_checked()


def test_a_receipt_that_is_sent_later_tells_of_itself_when_it_went_out(site, open_page):
    shop = open_shop(site)
    refund = site.ask(_refund, shop.connections["live"])
    site.settle()
    page = open_page(site, shop.people["owner"], shop.path(f"refunds/{refund}/"))
    assert every_look(page) == []
    page.get_by_role("button", name="Send a receipt").click()
    expect(page.locator("#toasts")).to_contain_text("The customer is written to.")
    details = page.get_by_role("region", name="Details")
    expect(details).to_contain_text(re.compile(r"Sent \d+ \w+ \d{4}, \d\d:\d\d to l••••@v••••"), timeout=30_000)
    expect(page.locator(".cf-timeline")).to_contain_text("Receipt for the refund of 12.30 EUR sent to the customer")
    expect(details.get_by_role("button", name="Send again")).to_be_visible()
    assert every_look(page) == []
