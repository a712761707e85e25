"""Refunds of several payments at once: what is asked for, and what is said where it cannot be."""

import re
import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils.html import strip_tags

from billing import clock
from billing.access.roles import MerchantRole
from billing.commands.models import CommandBatch, CommandState
from billing.refunds.issue_batch import MOST
from tests.billing.deliveries import make_connection
from tests.portal import asked
from tests.portal.batches import agent, asking, client, form_page, items, owner, page_of, payments, send, words
from tests.portal.fragments import element
from tests.portal.payments import address, authorise, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

__all__ = ["agent", "client", "owner", "payments"]
pytestmark = pytest.mark.django_db


# --- Asking ---
def test_the_list_offers_it_for_ticked_rows_to_who_may_refund(client, shop, payments):
    bar = str(element(client.get(address(shop)).content, "selection"))
    assert f'formaction="{asking(shop)}"' in bar


@pytest.mark.parametrize("role", [MerchantRole.FINANCE, MerchantRole.DISPUTES, MerchantRole.VIEWER])
def test_who_may_not_refund_is_not_offered_it(shop, payments, role):
    reader = signed_in(make_person(merchant=shop, role=role))
    assert b"bulk/refund/" not in reader.get(address(shop)).content
    assert form_page(reader, shop, payments).status_code == 403
    assert send(reader, shop, payments, confirmed="yes").status_code == 403


def test_the_form_names_each_payment_and_what_it_comes_to(client, shop, payments):
    page = form_page(client, shop, payments).content.decode()
    assert "Refund 3 payments" in page
    assert re.findall(r'name="item" value="(pay_\w+:\d+)"', page) == items(reversed(payments))
    assert "60.00" in words(form_page(client, shop, payments))


def test_what_cannot_be_refunded_is_left_out_and_says_why(client, shop, account, payments):
    held = authorise(account, reference="TR-held")
    asked.refund(payments[0], 1_000, make_person(merchant=shop))
    page = form_page(client, shop, [*payments, held])
    assert re.findall(r'name="item" value="(pay_\w+):', page.content.decode()) == [
        payments[2].public_id,
        payments[1].public_id,
    ]
    left_out = strip_tags(str(page.content.decode().partition('id="left-out-title"')[2]))
    assert "Once it is captured, it can be refunded." in left_out
    assert "All that is left is in refunds under way." in left_out


def test_nothing_that_can_be_refunded_says_so(client, shop, account):
    page = words(form_page(client, shop, [authorise(account)]))
    assert "Nothing of the payments that you selected can be refunded now." in page
    assert "Review the refunds" not in page


def test_no_payment_leads_to_the_list(client, shop):
    assert "No payment is selected" in words(form_page(client, shop, []))


def test_too_many_payments_are_refused(client, shop, account):
    now = clock.now()
    many = write_payments(account, [{"created_at": now} for _ in range(MOST + 1)])
    page = words(form_page(client, shop, many))
    assert f"At most {MOST} payments can be refunded at once" in page
    assert "Review the refunds" not in page


def test_all_results_of_the_list_can_be_chosen(client, shop, payments):
    page = client.get(asking(shop), {"all": "1"})
    assert "Refund 3 payments" in words(page)


def test_one_currency_at_a_time(client, shop, account, payments):
    dollars = pay(account, amount=900, currency="usd")
    page = form_page(client, shop, [*payments, dollars])
    assert "Refund 3 payments" in words(page)
    [other] = re.findall(r'<a href="([^"]*of=USD[^"]*)"', page.content.decode())
    switched = client.get(other.replace("&amp;", "&"))
    assert "Refund 1 payment" in words(switched)
    assert items([dollars])[0] in switched.content.decode()


def test_the_review_tells_what_is_asked_for_and_sends_nothing(client, shop, owner, payments):
    page = words(send(client, shop, payments))
    assert "Ask to refund 3 payments, 60.00 EUR" in page
    assert "A second person must approve these refunds before they are sent." in page
    assert owner.label in page
    assert "Tour called off" in page
    assert not CommandBatch.objects.exists()


def test_confirmed_it_waits_on_its_page(client, shop, payments):
    answer = send(client, shop, payments, confirmed="yes")
    batch = CommandBatch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(batch))
    assert "A second person must approve all of it" in words(client.get(page_of(batch)))
    assert set(batch.commands.values_list("command_state", flat=True)) == {CommandState.REQUESTED}


def test_sent_twice_it_is_asked_for_once(client, shop, payments):
    key = str(uuid.uuid4())
    first, second = (send(client, shop, payments, confirmed="yes", form_key=key) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert CommandBatch.objects.count() == 1


def test_a_form_of_before_with_other_words_asks_for_nothing(client, shop, payments):
    key = str(uuid.uuid4())
    send(client, shop, payments[:2], confirmed="yes", form_key=key)
    answer = send(client, shop, payments[2:], confirmed="yes", form_key=key)
    assert answer.status_code == 409
    assert "This form was sent before with other words" in words(answer)
    assert CommandBatch.objects.count() == 1


def test_without_a_reason_everything_typed_is_kept(client, shop, payments):
    answer = send(client, shop, payments, reason="")
    assert answer.status_code == 422
    assert "Choose a reason." in words(answer)
    assert "<title>Error: Refund 3 payments · Counterfoil</title>" in answer.content.decode()
    assert "Tour called off" in answer.content.decode()
    assert 'name="item"' in answer.content.decode()


def test_without_a_reason_what_is_left_out_is_still_told(client, shop, account, payments):
    held = authorise(account, reference="TR-held")
    answer = send(client, shop, payments, chosen=[*payments, held], reason="")
    left_out = strip_tags(answer.content.decode().partition('id="left-out-title"')[2])
    assert "TR-held" in left_out
    assert re.findall(r'name="item" value="(pay_\w+:\d+)"', answer.content.decode()) == items(reversed(payments))


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_what_the_form_did_not_show_never_comes_along(client, shop, payments, confirmed):
    """As when a refund that took all that was left failed since."""
    answer = send(client, shop, payments[:2], chosen=payments, **confirmed)
    if not confirmed:
        assert "Refund 2 payments" in words(answer)
        return
    assert answer.status_code == 302
    assert {each.payment for each in CommandBatch.objects.get().commands.all()} == set(payments[:2])


def test_amounts_keep_their_currency_where_only_another_could_be_refunded(client, shop, account, payments, owner):
    yen = pay(account, reference="TR-yen", amount=900, currency="jpy")
    asked.refund(payments[0], 1_000, owner)
    answer = send(client, shop, payments[:1], chosen=[payments[0], yen])
    assert answer.status_code == 409
    conflict = strip_tags(str(element(answer.content, "conflict")))
    assert "10.00" in conflict
    assert "JPY" not in conflict
    assert "TR-yen" not in answer.content.decode()


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_another_reason_needs_a_note(client, shop, payments, confirmed):
    answer = send(client, shop, payments, reason="other", note=" ", **confirmed)
    assert answer.status_code == 422
    assert "Say in the note what the other reason is." in words(answer)


def test_change_leads_back_with_all_that_was_typed(client, shop, payments):
    page = send(client, shop, payments, again="yes")
    assert page.status_code == 200
    assert "Tour called off</textarea>" in page.content.decode()
    assert "Review the refunds" in page.content.decode()


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_what_changed_meanwhile_is_shown_and_nothing_is_asked_for(client, shop, payments, owner, confirmed):
    asked.refund(payments[2], 1, owner)
    answer = send(client, shop, payments, **confirmed)
    assert answer.status_code == 409
    conflict = strip_tags(str(element(answer.content, "conflict")))
    assert "TR-3" in conflict
    assert "30.00" in conflict
    assert "29.99" in conflict
    assert not CommandBatch.objects.exists()


def test_of_which_nothing_is_left_meanwhile_is_shown_too(client, shop, payments, owner):
    asked.refund(payments[0], 1_000, owner)
    answer = send(client, shop, payments[:1], confirmed="yes")
    assert answer.status_code == 409
    assert "Nothing of these payments can be refunded any more." in words(answer)


def test_payments_of_other_merchants_are_nobodys(client, shop, payments):
    theirs = pay(make_connection(make_merchant("other")), reference="TR-theirs", amount=1_000)
    assert "TR-theirs" not in form_page(client, shop, [*payments, theirs]).content.decode()
    answer = send(client, shop, [*payments, theirs], confirmed="yes")
    assert answer.status_code == 409
    assert "A payment that is not here" in words(answer)
    assert not CommandBatch.objects.exists()


@pytest.mark.parametrize("item", ["", "pay_x", "pay_x:", "pay_x:-1", "pay_x:١٢", "pay\x00x:1", "pay_x:" + "9" * 40])
def test_items_that_nobody_can_read_ask_for_nothing(client, shop, item):
    answer = send(client, shop, [], item=[item], confirmed="yes")
    assert answer.status_code in (409, 422)
    assert not CommandBatch.objects.exists()


@pytest.mark.parametrize("currency", ["x", "EU R", "€", "", "\x00"])
def test_a_currency_that_is_none_asks_for_nothing(client, shop, payments, currency):
    answer = send(client, shop, [], item=["pay_of_nobody:1"], of=currency, confirmed="yes")
    assert answer.status_code == 409
    assert "A payment that is not here" in words(answer)


def test_a_form_without_its_key_gets_another(client, shop, payments):
    answer = send(client, shop, payments, form_key="", confirmed="yes")
    assert answer.status_code == 422
    [key] = re.findall(r'name="form_key" value="([^"]*)"', answer.content.decode())
    assert send(client, shop, payments, form_key=key, confirmed="yes").status_code == 302


def test_whoever_signs_in_again_on_the_way_finds_the_selection(client, shop, payments):
    review = send(client, shop, payments).content.decode()
    [url] = set(re.findall(rf'action="({asking(shop)}[^"]*)"', review))
    assert "Refund 3 payments" in words(client.get(url.replace("&amp;", "&")))


def test_a_code_that_is_not_fresh_is_asked_for_and_everything_comes_back(agent, owner, shop, payments):
    stale = signed_in(agent, factor_at=clock.now() - timedelta(minutes=6))
    assert send(stale, shop, payments).status_code == 200
    answer = send(stale, shop, payments, confirmed="yes")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not CommandBatch.objects.exists()
    [page] = parse_qs(urlsplit(answer["Location"]).query)["next"]
    form = signed_in(agent).get(page)
    assert "Refund 3 payments" in words(form)
    assert "Tour called off</textarea>" in form.content.decode()
