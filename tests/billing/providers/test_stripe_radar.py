import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.objects import translate
from billing.providers.stripe.radar import review, warning
from tests.billing.providers.stripe_objects import REVIEW, WARNING, event


def test_a_warning_of_today():
    seen = warning(WARNING)
    assert (seen.external_id, seen.charge_id, seen.intent_id) == ("issfr_1", "ch_3Rt", "pi_3Rt")
    assert (seen.fraud_type, seen.actionable, seen.rank) == ("made_with_stolen_card", True, 0)


def test_a_warning_stops_being_actionable():
    assert warning({**WARNING, "actionable": False}).rank == 1


def test_a_warning_of_2020_names_the_charge_only():
    assert warning({key: value for key, value in WARNING.items() if key != "payment_intent"}).intent_id == ""


def test_a_review_of_today():
    seen = review(REVIEW)
    assert (seen.is_open, seen.final, seen.rank) == (False, True, 10)
    assert (seen.reason, seen.opened_reason, seen.closed_reason) == ("approved", "rule", "approved")
    assert (seen.ip_address, seen.ip_country, seen.billing_zip) == ("203.0.113.10", "FR", "75002")


def test_an_open_review():
    seen = review({**REVIEW, "open": True, "reason": "rule", "closed_reason": None})
    assert (seen.is_open, seen.final, seen.rank, seen.closed_reason) == (True, False, 0, "")


@pytest.mark.parametrize(
    ("is_open", "reason", "opened", "closed"), [(True, "manual", "manual", ""), (False, "refunded", "", "refunded")]
)
def test_a_review_of_2017_has_one_reason(is_open, reason, opened, closed):
    old = {key: REVIEW[key] for key in ("id", "object", "charge", "created")}
    seen = review({**old, "open": is_open, "reason": reason})
    assert (seen.opened_reason, seen.closed_reason) == (opened, closed)


def test_a_review_is_as_open_as_its_object_says():
    seen = translate(event("review.closed", {**REVIEW, "open": True, "charge": None}))
    assert seen is not None
    assert (seen.is_open, seen.charge_id, seen.intent_id) == (True, "", "pi_3Rt")


@pytest.mark.parametrize("value", [None, "yes", 1])
def test_a_review_that_does_not_say_whether_it_is_open_is_unreadable(value):
    with pytest.raises(UnreadableObject, match="open"):
        review({**REVIEW, "open": value})


def test_neither_can_be_about_no_payment():
    for read, source in ((warning, WARNING), (review, REVIEW)):
        with pytest.raises(UnreadableObject, match="no payment"):
            read({**source, "charge": None, "payment_intent": None})
