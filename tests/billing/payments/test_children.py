"""What belongs to a payment says so when it changes."""

import pytest

from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment
from billing.payments.working_set import WorkingSet
from billing.queue.run import TryAgain
from tests.billing.deliveries import T0, charge, deliver_all, event, make_connection
from tests.billing.figures.sums import kept_sums, raw_sums
from tests.portal.follow_ups import dispute, refund, review, tell, warning
from tests.portal.payments import pay

pytestmark = pytest.mark.django_db


def test_facts_about_children_carry_their_payment():
    payment = pay(make_connection())
    tell(
        payment,
        ("refund.created", refund(payment), 100),
        ("charge.dispute.created", dispute(payment), 110),
        ("radar.early_fraud_warning.created", warning(payment), 120),
        ("review.opened", review(payment), 130),
    )
    facts = OutboxEvent.objects.exclude(type="payment.changed").values_list("type", "payload")
    assert dict(facts) == {
        f"{kind}.changed": {"payment": payment.public_id} for kind in ("refund", "dispute", "warning", "review")
    }


def test_facts_of_what_a_customer_did_carry_the_customer():
    account = make_connection()
    payment = pay(account, customer="cus_9")
    tell(payment, ("refund.created", refund(payment), 100))
    card = {"id": "pm_1", "object": "payment_method", "type": "card", "customer": "cus_9", "created": T0}
    deliver_all(account, [event("payment_method.attached", card)])
    told = {"customer_external_id": "cus_9"}
    facts = {"payment.changed": told, "payment_method.changed": told}
    facts["refund.changed"] = {**told, "payment": payment.public_id}
    assert dict(OutboxEvent.objects.order_by("pk").values_list("type", "payload")) == facts


def test_what_belongs_to_a_charge_counts_for_the_payment_to_which_it_moves():
    account = make_connection()
    payment = pay(account)
    moved = charge(id=payment.external_charge_id, payment_intent=f"{payment.external_id}z")
    tell(payment, ("refund.created", refund(payment), 100), ("review.opened", review(payment), 110))
    tell(payment, ("charge.updated", moved, 200))
    heir = Payment.objects.get(external_id=f"{payment.external_id}z")
    assert (payment.refunds_total, payment.amount_refunded, payment.open_reviews) == (0, 0, 0)
    assert (heir.refunds_total, heir.amount_refunded, heir.open_reviews) == (500, 500, 1)
    assert kept_sums() == raw_sums()


def test_a_payment_that_was_given_up_since_it_was_found_is_looked_for_again():
    payment = pay(make_connection())
    with pytest.raises(TryAgain):
        WorkingSet(merchants={}).load_by_id([payment.pk, payment.pk + 1])
