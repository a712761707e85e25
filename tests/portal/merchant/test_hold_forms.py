"""Capturing and cancelling: the forms, their reviews, and everything that is refused with a sentence."""

import re
import uuid
from datetime import timedelta

import pytest

from billing import clock
from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.audit.models import AuditEvent
from billing.commands.models import CommandState, MoneyCommand
from billing.limits.models import Action, RoleLimit
from billing.payments.models import PaymentStatus
from tests.billing.deliveries import T0
from tests.portal.fragments import HTMX, hidden_fields
from tests.portal.holds import issue, page_of, review, tell_captured, tell_ended, typed
from tests.portal.payments import authorise
from tests.portal.people import make_person
from tests.portal.refunds import errors, words

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("action", ["capture", "cancel"])


@pytest.fixture
def payment(account):
    return authorise(account, reference="AO-48291", at=int(clock.now().timestamp()) - 3600)


def card(until):
    return {"type": "card", "card": {"brand": "visa", "last4": "4242", "capture_before": until}}


# --- What is said before ---
def test_the_capture_says_how_much_is_held_until_when_and_what_becomes_of_the_rest(client, payment):
    page = words(client.get(page_of(payment, "capture/")))
    assert "Capture the payment of 25.00 EUR" in page
    assert "AO-48291 · Lena Vogt · Visa •••• 4242" in page
    assert "Authorised 25.00 EUR" in page
    assert "All that is authorised, 25.00 EUR" in page
    assert "What is not captured is released to the customer, and cannot be captured later." in page
    assert "The processor names no time: it usually is 7 days." in page


def test_the_cancellation_says_its_effect(client, payment):
    page = words(client.get(page_of(payment, "cancel/")))
    assert "Cancel the authorisation of 25.00 EUR" in page
    assert "All that is authorised is released to the customer. Nothing is charged." in page
    assert "Keep it" in page


def test_a_currency_that_nobody_chooses_any_more_is_captured_in_parts(client, account):
    old = authorise(account, currency="std")
    assert "Capture 20.00 STD of 25.00 STD" in words(review(client, old))
    assert issue(client, old).status_code == 303
    assert MoneyCommand.objects.get().amount == 2000


@BOTH
def test_a_moment_that_the_processor_names_is_shown_as_it_is(client, account, action):
    until = clock.now() + timedelta(days=3)
    payment = authorise(account, payment_method_details=card(int(until.timestamp())))
    page = words(client.get(page_of(payment, f"{action}/")))
    assert "names no time" not in page
    assert "Held until" in page
    assert f"{until.day}" in page


@BOTH
def test_what_should_be_over_says_that_a_capture_may_fail(client, account, action):
    payment = authorise(account, payment_method_details=card(T0 + 60))
    assert "the processor has not said so yet: a capture is likely" in words(client.get(page_of(payment, f"{action}/")))
    assert "7 days, which are over: a capture may fail." in words(client.get(page_of(authorise(account), f"{action}/")))


# --- The review ---
def test_the_review_of_a_part_says_what_is_released(client, payment):
    answer = review(client, payment, note="Two   of three\nboxes.")
    page = words(answer)
    assert answer.status_code == 200
    assert "Capture 20.00 EUR of 25.00 EUR; 5.00 EUR is released to the customer and cannot be captured later." in page
    assert "Authorised 25.00 EUR Released to the customer 5.00 EUR Captured 20.00 EUR" in page
    assert "A capture cannot be taken back once it is sent." in page
    assert "It is sent to Stripe at once." in page
    assert "Two of three boxes." in page
    assert not MoneyCommand.objects.exists()


def test_the_review_of_all_of_it_releases_nothing(client, payment):
    page = words(review(client, payment, how="full", amount=""))
    assert "Capture 25.00 EUR, which is all that is authorised." in page
    assert "Released to the customer 0.00 EUR" in page


def test_the_review_of_a_cancellation_says_that_it_is_final(client, payment):
    page = words(review(client, payment, "cancel"))
    assert "All 25.00 EUR are released to the customer. Nothing is charged" in page
    assert "A cancellation cannot be taken back once it is sent." in page
    assert "Reason Paid twice" in page
    assert not MoneyCommand.objects.exists()


@BOTH
def test_above_a_limit_the_review_names_the_second_person(client, shop, payment, action):
    place = {"merchant": shop, "livemode": False, "role": MerchantRole.OWNER, "currency": "EUR"}
    RoleLimit.objects.create(**place, action=Action(action), single=10_00, daily=10_00)
    other = make_person(merchant=shop, role=MerchantRole.ADMIN)
    reviewed = review(client, payment, action)
    page = words(reviewed)
    verb, noun = {"capture": ("captures", "capture"), "cancel": ("cancels", "cancellation")}[action]
    assert f"A second person must approve this {noun} before it is sent." in page
    assert f"Your role {verb} up to 10.00 EUR of one payment alone." in page
    assert f"Who can decide {other.label} · Risk leads" in page
    assert "Ask to" in page
    client.post(page_of(payment, f"{action}/"), hidden_fields(reviewed.content))
    command = MoneyCommand.objects.get()
    assert (command.command_state, Approval.objects.get().object_id) == (CommandState.REQUESTED, command.public_id)


# --- Asking ---
def test_what_was_reviewed_is_asked_for_and_the_payment_tells_of_it(client, payment):
    reviewed = review(client, payment, note="By phone.")
    answer = client.post(page_of(payment, "capture/"), hidden_fields(reviewed.content))
    command = MoneyCommand.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, page_of(payment))
    assert (command.kind, command.amount, command.note) == ("capture", 2000, "By phone.")
    assert "Capture of 20.00 EUR. It waits to be sent" in words(client.get(answer["Location"]))


def test_a_cancellation_is_asked_for_with_its_reason(client, payment):
    reviewed = review(client, payment, "cancel", reason="abandoned")
    client.post(page_of(payment, "cancel/"), hidden_fields(reviewed.content))
    command = MoneyCommand.objects.get()
    assert (command.kind, command.amount, command.reason) == ("cancel", 2500, "abandoned")
    assert command.parameters["reason"] == "abandoned"


def test_all_of_it_is_what_the_person_saw(client, payment):
    issue(client, payment, how="full", amount="1.00")
    assert MoneyCommand.objects.get().amount == 2500


@BOTH
def test_one_goes_back_from_the_review_with_everything_typed(client, payment, action):
    reviewed = hidden_fields(review(client, payment, action, note="A <b>note</b>").content)
    answer = client.post(page_of(payment, f"{action}/review/"), {**reviewed, "again": "yes"})
    page = answer.content.decode()
    assert "A &lt;b&gt;note&lt;/b&gt;</textarea>" in page
    assert re.search(r'value="20\.00"' if action == "capture" else r'<option value="duplicate" selected>', page)
    assert "There is a problem" not in page


# --- What cannot be meant ---
@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("25.01", "25.01 EUR is more than the 25.00 EUR that are authorised."),
        ("9" * 40, "That is far more than the 25.00 EUR that are authorised."),
        ("0", "Enter more than zero, from 0.01 EUR to 25.00 EUR."),
        ("-5", "Enter the amount without a minus sign, from 0.01 EUR to 25.00 EUR."),
        ("12.345", "EUR has at most 2 decimal places."),
        ("12,30", "Enter an amount such as 1,234.50."),
        ("١2.30", "Write an amount with the digits of one script, such as 1,234.50."),
        ("all", "Enter an amount such as 1,234.50."),
        (" ", "Enter the amount to capture, at most 25.00 EUR."),
    ],
)
@pytest.mark.parametrize("send", [review, issue])
def test_an_amount_that_cannot_be_is_refused_and_kept(client, payment, send, amount, sentence):
    answer = send(client, payment, amount=amount, note="Kept.")
    assert answer.status_code == 422
    assert errors(answer) == [sentence]
    page = answer.content.decode()
    assert f'value="{amount}"' in page
    assert ">\nKept.</textarea>" in page
    assert "Error:" in page.split("</title>")[0]
    assert not MoneyCommand.objects.exists()


@pytest.mark.parametrize("amount", ["25", "0.01", "٢٥٫٠٠", " 20 "])
def test_an_amount_up_to_exactly_what_is_held_passes(client, payment, amount):
    assert issue(client, payment, amount=amount).status_code == 303


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("capture", {"how": ""}, "Choose how much is captured."),
        ("capture", {"note": "x" * 501}, "A note has at most 500 characters: take out 1."),
        ("cancel", {"reason": ""}, "Choose a reason."),
        ("cancel", {"note": "x" * 502}, "A note has at most 500 characters: take out 2."),
        ("cancel", {"form_key": "x"}, "The form came without its key, so nothing was asked for. Send it again."),
    ],
)
@pytest.mark.parametrize("send", [review, issue])
def test_what_else_is_wrong_is_said(client, payment, send, action, fields, sentence):
    answer = send(client, payment, action, **fields)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not MoneyCommand.objects.exists()


@BOTH
@pytest.mark.parametrize("name", ["currency", "payment", "kind", "parameters", "command_state", "requested_by"])
def test_fields_that_the_form_does_not_have_change_nothing(client, payment, action, name):
    client.post(page_of(payment, f"{action}/"), {**typed(payment, action), name: "USD"})
    command = MoneyCommand.objects.get()
    assert (command.currency, command.payment, command.kind) == ("EUR", payment, action)


@BOTH
def test_a_card_number_in_the_note_reaches_no_table(client, payment, action):
    assert issue(client, payment, action, note="4242 4242 4242 4242").status_code == 400
    assert not MoneyCommand.objects.exists()


# --- Once, however often ---
@BOTH
def test_a_form_that_comes_twice_asks_once(client, payment, action):
    sent = typed(payment, action)
    first, second = (client.post(page_of(payment, f"{action}/"), sent) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert MoneyCommand.objects.count() == 1
    assert AuditEvent.objects.filter(action=f"{action}.requested").count() == 1


@BOTH
def test_a_form_that_somebody_went_back_to_says_what_became_of_it(client, payment, action):
    key = str(uuid.uuid4())
    issue(client, payment, action, form_key=key)
    answer = issue(client, payment, action, form_key=key, note="Other words.")
    assert answer.status_code == 409
    assert "This form was sent before with other words" in words(answer)
    assert hidden_fields(answer.content)["form_key"] != key
    assert MoneyCommand.objects.count() == 1


def test_a_form_that_comes_again_after_its_end_says_what_became_of_it(client, payment):
    key = str(uuid.uuid4())
    issue(client, payment, form_key=key)
    tell_captured(payment, 2000)
    assert issue(client, payment, form_key=key)["Location"] == page_of(payment)
    answer = issue(client, payment, form_key=key, amount="5")
    assert answer.status_code == 409
    assert "and that capture was asked for. Look again." in words(answer)


@BOTH
@pytest.mark.parametrize("send", [review, issue])
@pytest.mark.parametrize("seen", ["", "x", "2000", "-5"])
def test_who_saw_another_amount_looks_first(client, payment, action, send, seen):
    answer = send(client, payment, action, seen_left=seen)
    assert answer.status_code in (409, 422)
    assert hidden_fields(answer.content)["seen_left"] == "2500"
    assert not MoneyCommand.objects.exists()


def test_an_amount_that_changed_is_shown_old_and_new(client, payment):
    answer = issue(client, payment, seen_left=3000)
    page = words(answer)
    assert "This changed while you looked" in page
    assert "Authorised 30.00 EUR 25.00 EUR" in page


@pytest.mark.parametrize(("first", "then"), [("capture", "cancel"), ("cancel", "capture"), ("capture", "capture")])
def test_the_other_tab_is_told_what_is_under_way(client, payment, first, then):
    issue(client, payment, first)
    for send in (review, issue):
        answer = send(client, payment, then)
        assert answer.status_code == 409
        assert "What was asked for before is under way." in words(answer)
    assert MoneyCommand.objects.count() == 1


# --- In a dialog ---
@BOTH
def test_the_dialog_is_the_same_form_without_the_page(client, payment, action):
    inside = {"headers": {**HTMX, "HX-Target": "dialog"}}
    form = client.get(page_of(payment, f"{action}/"), **inside).content.decode()
    assert "<html" not in form
    assert f'hx-post="{page_of(payment, f"{action}/review/")}"' in form
    reviewed = client.post(page_of(payment, f"{action}/review/"), typed(payment, action), **inside)
    assert "Step 2 of 2" in words(reviewed)
    answer = client.post(page_of(payment, f"{action}/"), hidden_fields(reviewed.content), **inside)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, page_of(payment))


# --- What is over ---
ENDED = {
    "captured": (lambda payment: tell_captured(payment, 2500), "The payment was captured already. It can be refunded"),
    "cancelled": (tell_ended, "The authorisation was cancelled, so nothing is held any more."),
    "expired": (lambda payment: tell_ended(payment, why="automatic"), "The authorisation has expired"),
}


@BOTH
@pytest.mark.parametrize("how", ENDED)
def test_what_is_over_says_so_in_every_step(client, payment, action, how):
    befall, sentence = ENDED[how]
    befall(payment)
    for answer, status in (
        (client.get(page_of(payment, f"{action}/")), 200),
        (review(client, payment, action), 409),
        (issue(client, payment, action), 409),
        (client.post(page_of(payment, f"{action}/")), 409),
    ):
        assert answer.status_code == status
        assert sentence in words(answer)
        assert "<textarea" not in answer.content.decode()
    assert payment.status != PaymentStatus.AUTHORISED
    assert not MoneyCommand.objects.exists()
