"""What moves money: refunds, captures and cancellations.

docs.stripe.com/api/refunds/create, /api/payment_intents/capture, /api/payment_intents/cancel, /api/charges/capture.
"""

from collections.abc import Mapping
from typing import Any

from billing.money import Money
from billing.providers.base import Access, Answer, CancelOrder, CaptureOrder, Kind, ProviderDeclined, RefundOrder
from billing.providers.stripe.amounts import sent
from billing.providers.stripe.client import Reply, post
from billing.providers.stripe.fields import moment_or_none
from billing.providers.stripe.listing import PATHS, checked, fetch

# Of the reasons for which an intent is canceled, those that a refund may have, too.
_REFUND_REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def check_amount(money: Money, *, locale: str) -> None:
    """Raises AmountRefused for what Stripe takes of nobody; less may be too little, too, or more than there is."""
    sent(money, locale=locale)


def refund(access: Access, order: RefundOrder) -> Answer:
    """``fraudulent`` puts card and e-mail on Stripe's block lists, too."""
    given = {"reason": order.reason, "metadata": dict(order.metadata)}
    return _refunded(access, order.charge_id, given | {"amount": sent(order.money)}, order.key)


def capture(access: Access, order: CaptureOrder) -> Answer:
    """The metadata goes to the intent; a charge without one takes none."""
    amount = sent(order.money)
    if order.intent_id:
        path, makes = f"{PATHS[Kind.INTENT]}/{checked(order.intent_id)}/capture", "payment_intent"
        params = _given({"amount_to_capture": amount, "metadata": dict(order.metadata)})
    else:
        path, makes = f"{PATHS[Kind.CHARGE]}/{checked(order.charge_id)}/capture", "charge"
        params = {"amount": amount}
    return _answer(post(access, path, params, key=order.key, what="capture payments", makes=makes))


def cancel(access: Access, order: CancelOrder) -> Answer:
    """A charge without an intent is released by a refund of all of it. One that was captured meanwhile would be paid
    back by that, so it is looked at before, and refused with the code ``charge_already_captured``."""
    if order.intent_id:
        path = f"{PATHS[Kind.INTENT]}/{checked(order.intent_id)}/cancel"
        params = _given({"cancellation_reason": order.reason})
        return _answer(post(access, path, params, key=order.key, what="cancel payments", makes="payment_intent"))
    charge = fetch(access, Kind.CHARGE, order.charge_id).source
    if charge and charge.get("captured"):
        raise ProviderDeclined("The payment was captured: it can be refunded only.", code="charge_already_captured")
    reason = order.reason if order.reason in _REFUND_REASONS else ""
    return _refunded(access, order.charge_id, {"reason": reason}, order.key)


def _refunded(access: Access, charge_id: str, given: Mapping[str, Any], key: str) -> Answer:
    params = _given({"charge": checked(charge_id), **given})
    return _answer(post(access, PATHS[Kind.REFUND], params, key=key, what="refund payments", makes="refund"))


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: to Stripe that means to unset something."""
    return {name: value for name, value in params.items() if value}


def _answer(reply: Reply) -> Answer:
    # What comes again knows nothing of what happened since then: sure is only that the object had been made.
    made_at = moment_or_none(reply.data, "created") if reply.replayed else None
    return Answer(reply.data, made_at or reply.observed_at, reply.request_id)
