"""Refunds, captures and cancellations, and what the stand-in processor has afterwards."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import stripe

from billing.money import Money
from billing.providers.base import (
    Access,
    AccessRefused,
    AmountRefused,
    Answer,
    CancelOrder,
    CaptureOrder,
    ProviderDeclined,
    RefundOrder,
    Unclear,
)
from billing.providers.stripe import adapter
from portal.web.kept_words import known
from tests.simulator.processes import Simulator

REFUNDS = "POST /v1/refunds"
_keys = count()


class Shop:
    """A merchant at the stand-in processor: pays with test cards, and looks at what became of that."""

    def __init__(self, simulator: Simulator, access: Access) -> None:
        self.simulator, self.access = simulator, access
        self.stripe = simulator.client(access.api_key)

    def paid(self, amount: int = 2000, currency: str = "eur", **more: Any) -> stripe.PaymentIntent:
        order: Any = {"amount": amount, "currency": currency, "confirm": True, "payment_method": "pm_card_visa", **more}
        return self.stripe.v1.payment_intents.create(order)

    def authorised(self, amount: int = 2000) -> stripe.PaymentIntent:
        return self.paid(amount, capture_method="manual")

    def old_charge(self, *, capture: bool = False) -> stripe.Charge:
        """One without an intent."""
        return self.stripe.v1.charges.create(
            {"amount": 2000, "currency": "eur", "source": "tok_visa", "capture": capture}
        )

    def intent(self, order: CaptureOrder | CancelOrder) -> stripe.PaymentIntent:
        return self.stripe.v1.payment_intents.retrieve(order.intent_id)

    def charge(self, name: str) -> stripe.Charge:
        return self.stripe.v1.charges.retrieve(name)

    def refunds(self, charge: str) -> list[stripe.Refund]:
        return self.stripe.v1.refunds.list({"charge": charge}).data

    def effects(self, key: str) -> int:
        """How many money calls with this key had an effect."""
        lines = self.simulator.control("GET", "/journal")
        return sum(line["idempotency_key"] == key and bool(line["effect"]) for line in lines)


@pytest.fixture
def shop(simulator: Simulator, access: Access) -> Shop:
    return Shop(simulator, access)


def refund_of(charge: Any, minor: int = 500, currency: str = "EUR", **more: Any) -> RefundOrder:
    return RefundOrder(f"refund-{next(_keys)}", str(charge), Money(minor, currency), **more)


def capture_of(intent: stripe.PaymentIntent, minor: int = 2000, **more: Any) -> CaptureOrder:
    return CaptureOrder(f"capture-{next(_keys)}", intent.id, str(intent.latest_charge), Money(minor, "EUR"), **more)


def cancel_of(intent: stripe.PaymentIntent, reason: str = "") -> CancelOrder:
    return CancelOrder(f"cancel-{next(_keys)}", intent.id, str(intent.latest_charge), reason)


def source(answer: Answer) -> Any:
    assert answer.source is not None
    return answer.source


@pytest.mark.parametrize("lacking", ["", ": it lacks the permission rak_charge_write"])
@pytest.mark.parametrize("what", ["refund", "capture", "cancel"])
def test_a_key_that_may_not_write_is_told_what_in_words_that_pages_know(shop: Shop, what: str, lacking: str):
    orders: dict[str, Callable[[], Answer]] = {
        "refund": lambda: adapter.refund(shop.access, refund_of("ch_1")),
        "capture": lambda: adapter.capture(shop.access, CaptureOrder("k-1", "pi_1", "ch_1", Money(1, "EUR"))),
        "cancel": lambda: adapter.cancel(shop.access, CancelOrder("k-2", "pi_1", "ch_1")),
    }
    message = f"The provided key {shop.access.api_key} may not{lacking}."
    body = json.dumps({"error": {"type": "invalid_request_error", "message": message}})
    shop.simulator.control("POST", "/faults", kind="error", match="POST *", status=403, body=body)
    with pytest.raises(AccessRefused) as refused:
        orders[what]()
    assert str(refused.value) == f"The key may not {what} payments{lacking}."
    assert known(str(refused.value))


# Refunds


def test_a_refund_goes_back_with_reason_and_metadata(shop: Shop):
    order = refund_of(
        shop.paid().latest_charge, reason="requested_by_customer", metadata={"counterfoil_command": "c-1", "who": "é"}
    )
    answer = adapter.refund(shop.access, order)
    [made] = shop.refunds(order.charge_id)
    assert (made.id, made.amount, made.reason) == (source(answer)["id"], 500, "requested_by_customer")
    assert made.metadata is not None
    assert made.metadata.to_dict() == {"counterfoil_command": "c-1", "who": "é"}
    assert answer.request_id.startswith("req_")
    assert made.created - 2 <= answer.observed_at.timestamp() <= made.created


def test_a_refund_needs_neither_reason_nor_metadata(shop: Shop):
    made = source(adapter.refund(shop.access, refund_of(shop.paid().latest_charge)))
    assert (made["reason"], made["metadata"]) == (None, {})


def test_a_fraudulent_payment_is_reported_with_its_refund(shop: Shop):
    order = refund_of(shop.paid().latest_charge, 2000, reason="fraudulent")
    adapter.refund(shop.access, order)
    assert shop.charge(order.charge_id).to_dict()["fraud_details"] == {"user_report": "fraudulent"}


def test_an_amount_goes_as_stripe_counts_it(shop: Shop):
    charge = shop.paid(1_000_000, "ugx").latest_charge
    made = source(adapter.refund(shop.access, refund_of(charge, 3000, "UGX")))
    assert made["amount"] == 300_000


def test_an_amount_that_stripe_does_not_take_is_not_sent(shop: Shop):
    charge = shop.paid(1_000_000, "kwd").latest_charge
    for minor in (0, 1234, 100_000_000):
        with pytest.raises(AmountRefused):
            adapter.refund(shop.access, refund_of(charge, minor, "KWD"))
        with pytest.raises(AmountRefused):
            adapter.check_amount(Money(minor, "KWD"), locale="en_GB")
    assert shop.refunds(str(charge)) == []
    adapter.check_amount(Money(1230, "KWD"), locale="en_GB")


def test_more_than_is_left_is_declined(shop: Shop):
    charge = shop.paid().latest_charge
    adapter.refund(shop.access, refund_of(charge, 1500))
    with pytest.raises(ProviderDeclined, match="greater than unrefunded amount") as declined:
        adapter.refund(shop.access, refund_of(charge, 501))
    assert (declined.value.status, declined.value.param) == (400, "amount")
    assert declined.value.request_id.startswith("req_")
    adapter.refund(shop.access, refund_of(charge, 500))
    with pytest.raises(ProviderDeclined) as declined:
        adapter.refund(shop.access, refund_of(charge, 1))
    assert declined.value.code == "charge_already_refunded"


def test_a_charge_that_was_charged_back_is_declined(shop: Shop):
    charge = shop.paid(payment_method="pm_card_createDispute").latest_charge
    with pytest.raises(ProviderDeclined) as declined:
        adapter.refund(shop.access, refund_of(charge))
    assert declined.value.code == "charge_disputed"


@pytest.mark.parametrize("name", ["ch_nobody", "", ".."])
def test_a_charge_that_there_is_not_is_declined(shop: Shop, name: str):
    with pytest.raises(ProviderDeclined) as declined:
        adapter.refund(shop.access, refund_of(name))
    assert declined.value.code in ("resource_missing", "parameter_invalid")


def test_the_same_key_twice_is_one_refund(shop: Shop):
    order = refund_of(shop.paid().latest_charge)
    first, again = adapter.refund(shop.access, order), adapter.refund(shop.access, order)
    assert first.source == again.source
    assert len(shop.refunds(order.charge_id)) == shop.effects(order.key) == 1


def test_another_order_with_a_key_that_was_used_is_unclear(shop: Shop):
    charge = str(shop.paid().latest_charge)
    adapter.refund(shop.access, RefundOrder("used", charge, Money(500, "EUR")))
    with pytest.raises(Unclear, match="other parameters") as unclear:
        adapter.refund(shop.access, RefundOrder("used", charge, Money(501, "EUR")))
    assert unclear.value.request_id.startswith("req_")
    assert [made.amount for made in shop.refunds(charge)] == [500]


@pytest.mark.parametrize("kind", ["reset", "cut"])
@pytest.mark.parametrize("after", [True, False])
def test_a_lost_answer_is_unclear_and_a_resend_has_no_second_effect(shop: Shop, kind: str, after: bool):
    order = refund_of(shop.paid().latest_charge)
    shop.simulator.control("POST", "/faults", kind=kind, match=REFUNDS, after=after)
    with pytest.raises(Unclear):
        adapter.refund(shop.access, order)
    answer = adapter.refund(shop.access, order)
    [made] = shop.refunds(order.charge_id)
    assert made.id == source(answer)["id"]
    assert shop.effects(order.key) == 1


def test_a_500_that_is_kept_is_unclear_each_time(shop: Shop):
    order = refund_of(shop.paid().latest_charge)
    shop.simulator.control("POST", "/faults", kind="error", match=REFUNDS, after=True)
    for _ in range(2):
        with pytest.raises(Unclear, match="status 500"):
            adapter.refund(shop.access, order)
    assert len(shop.refunds(order.charge_id)) == 1


def test_an_answer_that_comes_again_knows_nothing_of_what_happened_since(shop: Shop):
    order = refund_of(shop.paid(payment_method="pm_card_refundFail").latest_charge)
    adapter.refund(shop.access, order)
    shop.simulator.control("POST", "/clock", advance=3600)
    [made] = shop.refunds(order.charge_id)
    assert made.status == "failed"
    again = adapter.refund(shop.access, order)
    assert source(again)["status"] == "succeeded"
    assert again.observed_at.timestamp() == made.created


# Captures


def test_a_part_is_captured_and_the_rest_released(shop: Shop):
    order = capture_of(shop.authorised(), 1200, metadata={"counterfoil_command": "c-2"})
    answer = adapter.capture(shop.access, order)
    intent = shop.intent(order)
    assert source(answer)["id"] == intent.id == order.intent_id
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 1200, 0)
    assert intent.metadata.to_dict() == {"counterfoil_command": "c-2"}
    charge = shop.charge(order.charge_id)
    assert (charge.amount_captured, charge.amount_refunded) == (1200, 800)
    assert answer.request_id.startswith("req_")


def test_metadata_of_the_intent_stay(shop: Shop):
    intent = shop.paid(capture_method="manual", metadata={"order": "7"})
    order = capture_of(intent, metadata={"counterfoil_command": "c-3"})
    assert source(adapter.capture(shop.access, order))["metadata"] == {"order": "7", "counterfoil_command": "c-3"}


def test_a_charge_without_an_intent_is_captured_itself(shop: Shop):
    charge = shop.old_charge()
    order = CaptureOrder("capture-old", "", charge.id, Money(1200, "EUR"), {"counterfoil_command": "c-4"})
    made = source(adapter.capture(shop.access, order))
    assert (made["object"], made["id"], made["amount_captured"]) == ("charge", charge.id, 1200)


def test_more_than_was_authorised_is_declined(shop: Shop):
    order = capture_of(shop.authorised(), 2001)
    with pytest.raises(ProviderDeclined) as declined:
        adapter.capture(shop.access, order)
    assert (declined.value.code, declined.value.param) == ("amount_too_large", "amount_to_capture")
    assert shop.intent(order).status == "requires_capture"


def test_what_was_captured_is_declined(shop: Shop):
    with pytest.raises(ProviderDeclined) as declined:
        adapter.capture(shop.access, capture_of(shop.paid()))
    assert declined.value.code == "payment_intent_unexpected_state"
    charge = shop.old_charge(capture=True)
    with pytest.raises(ProviderDeclined) as declined:
        adapter.capture(shop.access, CaptureOrder("capture-again", "", charge.id, Money(1, "EUR")))
    assert declined.value.code == "charge_already_captured"


def test_a_capture_whose_answer_was_lost_is_unclear_and_comes_again(shop: Shop):
    order = capture_of(shop.authorised(), 1200)
    shop.simulator.control("POST", "/faults", kind="reset", match="POST /v1/payment_intents/*/capture", after=True)
    with pytest.raises(Unclear):
        adapter.capture(shop.access, order)
    assert source(adapter.capture(shop.access, order))["amount_received"] == 1200
    assert shop.effects(order.key) == 1


# Cancellations


@pytest.mark.parametrize("reason", ["", "duplicate", "fraudulent", "requested_by_customer", "abandoned"])
def test_an_authorisation_is_canceled_for_a_reason(shop: Shop, reason: str):
    order = cancel_of(shop.authorised(), reason)
    answer = adapter.cancel(shop.access, order)
    intent = shop.intent(order)
    assert source(answer)["id"] == intent.id
    assert (intent.status, intent.cancellation_reason) == ("canceled", reason or None)
    assert answer.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("reason", "said"), [("", None), ("abandoned", None), ("duplicate", "duplicate"), ("fraudulent", "fraudulent")]
)
def test_a_charge_without_an_intent_is_released_by_a_refund(shop: Shop, reason: str, said: str | None):
    charge = shop.old_charge()
    answer = adapter.cancel(shop.access, CancelOrder(f"release-{reason}", "", charge.id, reason))
    [made] = shop.refunds(charge.id)
    assert source(answer)["id"] == made.id
    assert (made.amount, made.reason, made.balance_transaction) == (2000, said, None)
    assert shop.charge(charge.id).refunded


def test_what_was_captured_is_not_canceled(shop: Shop):
    with pytest.raises(ProviderDeclined) as declined:
        adapter.cancel(shop.access, cancel_of(shop.paid()))
    assert declined.value.code == "payment_intent_unexpected_state"
    charge = shop.old_charge(capture=True)
    with pytest.raises(ProviderDeclined, match="refunded only") as declined:
        adapter.cancel(shop.access, CancelOrder("cancel-captured", "", charge.id))
    assert declined.value.code == "charge_already_captured"
    assert shop.refunds(charge.id) == []


def test_a_charge_that_there_is_not_is_not_canceled(shop: Shop):
    with pytest.raises(ProviderDeclined) as declined:
        adapter.cancel(shop.access, CancelOrder("cancel-nothing", "", "ch_nobody"))
    assert (declined.value.code, declined.value.param) == ("resource_missing", "charge")


@pytest.mark.parametrize("old", [False, True])
def test_a_cancellation_whose_answer_was_lost_is_unclear_and_comes_again(shop: Shop, old: bool):
    order = CancelOrder("cancel-lost", "", shop.old_charge().id) if old else cancel_of(shop.authorised())
    shop.simulator.control("POST", "/faults", kind="reset", match="POST *", after=True)
    with pytest.raises(Unclear):
        adapter.cancel(shop.access, order)
    again = adapter.cancel(shop.access, order)
    assert source(again)["object"] == ("refund" if old else "payment_intent")
    assert shop.effects(order.key) == 1
