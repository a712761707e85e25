"""Asking for a refund: the form, its review, and everything that is refused with a sentence."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.audit.models import AuditEvent
from billing.commands.models import CommandState, MoneyCommand
from tests.portal.follow_ups import refund, tell
from tests.portal.fragments import HTMX, hidden_fields
from tests.portal.money import write_movement
from tests.portal.payments import address, pay
from tests.portal.refunds import errors, form_of, issue, review, typed, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(account):
    return pay(account, reference="AO-48291")


def test_the_form_says_what_is_left_and_what_follows(client, payment):
    page = words(client.get(form_of(payment)))
    assert "Refund the payment of 20.00 EUR" in page
    assert "AO-48291 · Lena Vogt · Visa •••• 4242" in page
    assert "Refundable now 20.00 EUR" in page
    assert "All that is left, 20.00 EUR" in page
    assert "Stripe does not give its processing fee back." in page
    assert "5–10 business days after it is sent" in page
    assert "Captured" not in page


def test_what_was_captured_is_told_with_all_that_takes_of_it(client, payment):
    tell(payment, ("refund.created", refund(payment, amount=300), 200))
    issue(client, payment, amount="2.00", seen_left=1700)
    page = words(client.get(form_of(payment)))
    assert "Captured 20.00 EUR Refunded before −3.00 EUR Refunds under way −2.00 EUR Refundable now 15.00 EUR" in page


def test_the_fee_that_is_not_given_back_is_named_where_it_is_known(client, payment):
    write_movement(payment.account, source_id=payment.external_charge_id, amount=2000, fee=61)
    assert "Stripe keeps its fee of 0.61 EUR." in words(client.get(form_of(payment)))


def test_the_review_is_the_whole_decision(client, payment):
    answer = review(client, payment, reason="product_problem", note="Zip  fails,\npart credit agreed.")
    page = words(answer)
    assert answer.status_code == 200
    assert "Refund 12.30 EUR to Visa •••• 4242" in page
    assert "A refund cannot be taken back once it is sent." in page
    assert "Refundable now 20.00 EUR This refund −12.30 EUR Remains refundable 7.70 EUR" in page
    assert "Problem with the product or service" in page
    assert "Zip fails, part credit agreed." in page
    assert "It is sent to Stripe at once" in page
    assert not MoneyCommand.objects.exists()


def test_what_was_reviewed_is_asked_for_and_its_page_comes(client, shop, payment):
    reviewed = review(client, payment, note="Agreed by phone.")
    answer = client.post(form_of(payment), hidden_fields(reviewed.content))
    command = MoneyCommand.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, address(shop, f"refunds/{command.public_id}/"))
    assert (command.amount, command.reason, command.note) == (1230, "customer_request", "Agreed by phone.")
    assert (command.payment, command.command_state) == (payment, CommandState.APPROVED)
    assert client.get(answer["Location"]).status_code == 200


def test_the_whole_remainder_is_what_the_person_saw(client, payment):
    tell(payment, ("refund.created", refund(payment, amount=300), 200))
    issue(client, payment, how="full", amount="1.00", seen_left=1700)
    assert MoneyCommand.objects.get().amount == 1700


def test_one_goes_back_from_the_review_with_everything_typed(client, payment):
    reviewed = hidden_fields(review(client, payment, amount=" 12.30", reason="goodwill", note="A <b>note</b>").content)
    answer = client.post(form_of(payment, "review/"), {**reviewed, "again": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value=" 12.30"' in page
    assert '<option value="goodwill" selected>' in page
    assert "A &lt;b&gt;note&lt;/b&gt;</textarea>" in page
    assert re.search(r'value="part"[^>]* checked', page)
    assert "There is a problem" not in page


def test_the_review_carries_all_of_it_twice_and_no_id(client, payment):
    page = review(client, payment, note='A "b"', block_customer="on", reason="fraudulent").content.decode()
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    for field in (
        'name="block_customer" value="True"',
        'name="note" value="A &quot;b&quot;"',
        'name="amount" value="12.30"',
    ):
        assert page.count(field) == 2


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("20.01", "20.01 EUR is more than the 20.00 EUR that can be refunded now."),
        ("1,000,000,000,000", "1,000,000,000,000.00 EUR is more than the 20.00 EUR that can be refunded now."),
        ("9" * 40, "That is far more than the 20.00 EUR that can be refunded now."),
        ("0", "Enter more than zero, from 0.01 EUR to 20.00 EUR."),
        ("0.00", "Enter more than zero, from 0.01 EUR to 20.00 EUR."),
        ("-5", "Enter the amount without a minus sign, from 0.01 EUR to 20.00 EUR."),
        ("−5", "Enter the amount without a minus sign, from 0.01 EUR to 20.00 EUR."),
        ("12.345", "EUR has at most 2 decimal places."),
        ("12,30", "Enter an amount such as 1,234.50."),
        ("1.2.3", "Enter an amount such as 1,234.50."),
        ("١2.30", "Write an amount with the digits of one script, such as 1,234.50."),
        ("012", "Enter an amount without zeros in front, such as 1,234.50."),
        ("1e3", "Enter an amount such as 1,234.50."),
        ("NaN", "Enter an amount such as 1,234.50."),
        ("all of it", "Enter an amount such as 1,234.50."),
        ("", "Enter the amount to refund, at most 20.00 EUR."),
        ("  ", "Enter the amount to refund, at most 20.00 EUR."),
    ],
)
@pytest.mark.parametrize("send", [review, issue])
def test_an_amount_that_cannot_be_is_refused_with_a_sentence(client, payment, send, amount, sentence):
    answer = send(client, payment, amount=amount)
    assert answer.status_code == 422
    assert errors(answer) == [sentence]
    assert "Error:" in answer.content.decode().split("</title>")[0]
    assert not MoneyCommand.objects.exists()


@pytest.mark.parametrize("amount", ["20", "20.00", "0.01", "٢٠٫٠٠", "２０．００", " 20 "])
def test_an_amount_up_to_exactly_the_remainder_passes(client, payment, amount):
    assert issue(client, payment, amount=amount).status_code == 303


def test_an_amount_is_read_by_the_separators_of_the_reader(client, payment):
    french = {"headers": {"Accept-Language": "fr"}}
    client.cookies["django_language"] = "fr"
    answer = client.post(form_of(payment), typed(payment, amount="12,30"), **french)
    assert (answer.status_code, MoneyCommand.objects.get().amount) == (303, 1230)


def test_a_currency_without_decimals_takes_none(client, account):
    yen = pay(account, amount=24800, currency="jpy")
    assert errors(review(client, yen, amount="8600.5")) == ["JPY has no decimal places."]
    assert "Refund 8,600 JPY" in words(review(client, yen, amount="8,600"))
    assert 'inputmode="numeric"' in client.get(form_of(yen)).content.decode()


@pytest.mark.parametrize("code", ["STD", "HRK", "MRO"])
def test_a_currency_that_nobody_chooses_any_more_is_given_back_in_parts(client, account, code):
    old = pay(account, amount=24800, currency=code.lower())
    assert f"Refund 100.50 {code}" in words(review(client, old, amount="100.50"))
    assert errors(review(client, old, amount="100.505")) == [f"{code} has at most 2 decimal places."]
    assert issue(client, old, amount="100.50").status_code == 303
    assert MoneyCommand.objects.get().amount == 10050


def test_an_amount_that_the_processor_takes_of_nobody_is_refused_in_its_words(client, account):
    dinar = pay(account, amount=20000, currency="kwd")
    (sentence,) = errors(review(client, dinar, amount="1.234"))
    assert sentence == "Stripe takes KWD in steps of 0.010. Enter an amount such as 1.230."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "other"}, "Say in the note what the other reason is."),
        ({"reason": "other", "note": " \n "}, "Say in the note what the other reason is."),
        ({"how": ""}, "Choose how much is refunded."),
        ({"note": "x" * 501}, "A note has at most 500 characters: take out 1."),
        (
            {"block_customer": "on"},
            "Stripe is told of fraud only where that is the reason. Choose it, or take the tick away.",
        ),
    ],
)
@pytest.mark.parametrize("send", [review, issue])
def test_what_else_is_missing_or_contradicts_itself_is_said(client, payment, send, fields, sentence):
    answer = send(client, payment, **fields)
    assert (answer.status_code, errors(answer)) == (422, [sentence])
    assert not MoneyCommand.objects.exists()


def test_all_that_is_wrong_is_said_at_once(client, payment):
    answer = review(client, payment, amount="99", reason="other")
    assert errors(answer) == [
        "99.00 EUR is more than the 20.00 EUR that can be refunded now.",
        "Say in the note what the other reason is.",
    ]


@pytest.mark.parametrize("fields", [{"reason": "because"}, {"how": "twice"}, {"form_key": ""}, {"form_key": "x"}])
def test_what_no_form_of_ours_says_is_refused(client, payment, fields):
    answer = issue(client, payment, **fields)
    assert answer.status_code == 422
    assert not MoneyCommand.objects.exists()
    assert hidden_fields(answer.content)["form_key"] not in fields.values()


@pytest.mark.parametrize("name", ["currency", "payment", "merchant", "parameters", "command_state", "requested_by"])
def test_fields_that_the_form_does_not_have_change_nothing(client, payment, name):
    client.post(form_of(payment), {**typed(payment), name: "USD"})
    command = MoneyCommand.objects.get()
    assert (command.currency, command.payment, command.command_state) == ("EUR", payment, CommandState.APPROVED)


def test_a_card_number_in_the_note_reaches_no_table(client, payment):
    answer = issue(client, payment, note="4242 4242 4242 4242")
    assert answer.status_code == 400
    assert not MoneyCommand.objects.exists()


@pytest.mark.parametrize(("tick", "told"), [("on", "fraudulent"), ("", "")])
def test_the_processor_hears_of_fraud_only_after_a_tick_of_its_own(client, payment, tick, told):
    page = words(review(client, payment, reason="fraudulent", block_customer=tick))
    assert ("card and e-mail address go on its block lists" in page) is bool(told)
    assert ("Stripe is not told that this was fraud." in page) is not bool(told)
    issue(client, payment, reason="fraudulent", block_customer=tick)
    assert MoneyCommand.objects.get().parameters["reason"] == told


# --- Once, however often ---
def test_a_form_that_comes_twice_asks_once_and_leads_to_the_same_page(client, payment):
    sent = typed(payment)
    first, second = (client.post(form_of(payment), sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert MoneyCommand.objects.count() == 1
    assert AuditEvent.objects.filter(action="refund.requested").count() == 1


def test_a_form_that_somebody_went_back_to_says_what_became_of_it(client, payment):
    key = str(uuid.uuid4())
    issue(client, payment, form_key=key)
    answer = issue(client, payment, form_key=key, amount="5", seen_left=770)
    assert answer.status_code == 409
    assert "This form was sent before with other words, and that refund was asked for." in words(answer)
    fields = hidden_fields(answer.content)
    assert (fields["form_key"] != key, fields["seen_left"]) == (True, "770")
    assert MoneyCommand.objects.count() == 1


@pytest.mark.parametrize("send", [review, issue])
def test_a_remainder_that_changed_is_shown_old_and_new_and_nothing_is_sent(client, payment, send):
    issue(client, payment)
    answer = send(client, payment, how="full", amount="")
    page = words(answer)
    assert answer.status_code == 409
    assert "This changed while you looked" in page
    assert "Can be refunded 20.00 EUR 7.70 EUR" in page
    assert "All that is left, 7.70 EUR" in page
    assert hidden_fields(answer.content)["seen_left"] == "770"
    assert MoneyCommand.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "x", "-5"])
def test_who_did_not_see_what_is_left_looks_first(client, payment, seen):
    answer = issue(client, payment, how="full", seen_left=seen)
    assert answer.status_code in (409, 422)
    assert hidden_fields(answer.content)["seen_left"] == "2000"
    assert not MoneyCommand.objects.exists()


def test_when_nothing_is_left_the_second_tab_is_told_so(client, payment):
    issue(client, payment, how="full")
    answer = issue(client, payment)
    assert answer.status_code == 409
    assert "All that is left is in refunds under way." in words(answer)
    assert MoneyCommand.objects.count() == 1


# --- In a dialog ---
def test_the_dialog_is_the_same_form_without_the_page(client, payment):
    inside = {"headers": {**HTMX, "HX-Target": "dialog"}}
    form = client.get(form_of(payment), **inside).content.decode()
    assert "<html" not in form
    assert 'id="dialog-title"' in form
    assert f'hx-post="{form_of(payment, "review/")}"' in form
    refused = client.post(form_of(payment, "review/"), typed(payment, amount="0"), **inside)
    assert refused.status_code == 422
    assert "<html" not in refused.content.decode()
    reviewed = client.post(form_of(payment, "review/"), typed(payment), **inside)
    assert "Refund 12.30 EUR to Visa" in words(reviewed)
    answer = client.post(form_of(payment), hidden_fields(reviewed.content), **inside)
    assert answer.status_code == 204
    assert answer["HX-Redirect"].endswith(f"/refunds/{MoneyCommand.objects.get().public_id}/")


def test_the_form_costs_as_many_queries_with_three_requests_as_with_one(client, payment):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(form_of(payment)).status_code == 200
        return len(captured)

    issue(client, payment, amount="1")
    queries()
    with_one = queries()
    issue(client, payment, amount="1", seen_left=1900)
    issue(client, payment, amount="1", seen_left=1800)
    assert queries() == with_one
