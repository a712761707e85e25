import pytest

from billing.providers.events import CardDetails, ChargeObserved, IntentObserved, PartyDetails
from billing.providers.stripe.payments import charge, intent
from tests.billing.providers.stripe_objects import CHARGE, PAYMENT_INTENT, T0


def test_an_intent_of_today():
    seen = intent(PAYMENT_INTENT)
    assert isinstance(seen, IntentObserved)
    assert (seen.external_id, seen.status, seen.final, seen.known) == ("pi_3Rt", "succeeded", True, True)
    assert (seen.amount, seen.amount_received, seen.currency) == (4200, 4200, "EUR")


def test_a_state_that_stripe_adds_later_is_kept_and_not_known():
    seen = intent({**PAYMENT_INTENT, "status": "requires_patience"})
    assert (seen.status, seen.known, seen.final, seen.amount_received) == ("requires_patience", False, False, 0)


@pytest.mark.parametrize(
    ("old", "new"), [("requires_source", "requires_payment_method"), ("requires_source_action", "requires_action")]
)
def test_states_of_2018_have_their_names_of_today(old, new):
    seen = intent({**PAYMENT_INTENT, "status": old, "last_payment_error": None})
    assert (seen.status, seen.known) == (new, True)
    assert seen.rank == intent({**PAYMENT_INTENT, "status": new, "last_payment_error": None}).rank


def test_a_charge_of_today():
    seen = charge(CHARGE)
    assert isinstance(seen, ChargeObserved)
    assert (seen.intent_id, seen.status, seen.known) == ("pi_3Rt", "succeeded", True)
    assert (seen.amount, seen.amount_captured, seen.amount_refunded) == (4200, 4200, 700)
    assert (seen.balance_transaction_id, seen.risk_level, seen.risk_score) == ("txn_1", "elevated", 66)
    assert seen.party == PartyDetails("Ada Lovelace", "ada@example.com", "cus_7")
    assert seen.card == CardDetails("card", "visa", "4242", 8, 2031, "FR", "AOB934RVNwzk6xtn", "apple_pay")


def test_the_balance_transaction_is_the_smallest_step_of_a_charge():
    def rank(**fields):
        return charge({**CHARGE, **fields}).rank

    assert rank(balance_transaction=None) < rank(balance_transaction="txn_1")
    assert rank(balance_transaction={"id": "txn_1"}) == rank(balance_transaction="txn_1")
    assert rank(amount_refunded=0, balance_transaction="txn_1") < rank(amount_refunded=1, balance_transaction=None)
    assert rank(amount_refunded=1, balance_transaction="txn_1") < rank(amount_refunded=2, balance_transaction=None)
    assert rank(status="pending", balance_transaction="txn_1") < rank(captured=False, balance_transaction=None)


def test_a_charge_without_an_intent():
    assert charge({**CHARGE, "payment_intent": None}).intent_id == ""


CHARGE_OF_2017 = {
    "id": "ch_1Bl3",
    "object": "charge",
    "amount": 25_000,
    "amount_refunded": 0,
    "balance_transaction": "txn_1",
    "captured": True,
    "created": T0,
    "currency": "usd",
    "customer": None,
    "outcome": {"type": "authorized", "risk_level": "normal"},
    "paid": True,
    "source": {
        "id": "card_1",
        "object": "card",
        "brand": "American Express",
        "country": "US",
        "exp_month": 12,
        "exp_year": 2019,
        "fingerprint": "wXWJT135mEK107G8",
        "last4": "0005",
        "name": "Actual Person",
        "tokenization_method": "android_pay",
    },
    "status": "succeeded",
}


def test_a_charge_of_2017_was_paid_from_a_card():
    seen = charge(CHARGE_OF_2017)
    assert seen.card == CardDetails("card", "amex", "0005", 12, 2019, "US", "wXWJT135mEK107G8", "android_pay")
    assert seen.party.name == "Actual Person"
    assert (seen.amount_captured, seen.risk_score) == (25_000, None)


def test_a_charge_of_2017_was_paid_from_a_source():
    source = {
        "object": "source",
        "type": "card",
        "card": {"brand": "Visa", "last4": "4242"},
        "owner": {"name": "Ada", "email": "ada@example.com"},
    }
    seen = charge({**CHARGE_OF_2017, "source": source})
    assert (seen.card.method_type, seen.card.brand, seen.card.last4) == ("card", "visa", "4242")
    assert (seen.party.name, seen.party.email) == ("Ada", "ada@example.com")


def test_a_charge_of_2013_has_a_card_with_a_type_and_no_status():
    old = {**CHARGE_OF_2017, "source": None, "card": {"object": "card", "type": "Diners Club", "last4": "0004"}}
    del old["status"]
    seen = charge(old)
    assert (seen.card.brand, seen.status, seen.known) == ("diners", "succeeded", True)
    failed = charge({**old, "paid": False})
    assert (failed.status, failed.known, failed.amount_captured) == ("failed", True, 0)


@pytest.mark.parametrize(("paid", "status"), [(None, ""), ("yes", ""), ({}, ""), (1, "")])
def test_a_charge_that_says_neither_is_not_known(paid, status):
    seen = charge({**CHARGE_OF_2017, "status": None, "paid": paid})
    assert (seen.status, seen.known, seen.amount_captured) == (status, False, 0)


def test_paid_was_the_word_for_succeeded_until_2015():
    assert charge({**CHARGE_OF_2017, "status": "paid"}).status == "succeeded"
