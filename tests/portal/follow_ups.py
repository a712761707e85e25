"""What may become of a payment afterwards, as Stripe tells it, and what it answers when it is asked."""

import itertools
from datetime import UTC, datetime
from typing import Any

from billing.mirror import registry
from billing.payments.models import Payment
from billing.providers.base import Kind
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Result, Source, dispatch
from tests.billing.deliveries import T0, deliver_all, event

_numbers = itertools.count(1)


def refund(payment: Payment, **fields: Any) -> dict[str, Any]:
    base = {"status": "succeeded", "amount": 500, "reason": "requested_by_customer", "metadata": {}}
    return _about(payment, "refund", "re", {**base, **fields})


def dispute(payment: Payment, **fields: Any) -> dict[str, Any]:
    base = {
        "status": "needs_response",
        "amount": payment.amount,
        "reason": "fraudulent",
        "balance_transactions": [],
        "evidence_details": {"due_by": T0 + 900_000, "has_evidence": False, "past_due": False, "submission_count": 0},
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "network_reason_code": "10.4"}},
    }
    return _about(payment, "dispute", "du", {**base, **fields})


def withdrawal(amount: int, *, fee: int = 0, currency: str = "eur") -> dict[str, Any]:
    return {
        "id": f"txn_follow{next(_numbers)}",
        "object": "balance_transaction",
        "amount": -amount,
        "currency": currency,
        "fee": fee,
        "net": -amount - fee,
        "type": "adjustment",
    }


def warning(payment: Payment, **fields: Any) -> dict[str, Any]:
    base = {"actionable": True, "fraud_type": "made_with_stolen_card"}
    return _about(payment, "radar.early_fraud_warning", "issfr", {**base, **fields})


def review(payment: Payment, **fields: Any) -> dict[str, Any]:
    base = {"open": True, "reason": "rule", "opened_reason": "rule", "closed_reason": None}
    return _about(payment, "review", "prv", {**base, **fields})


def tell(payment: Payment, *happened: tuple[str, dict[str, Any], int]) -> None:
    """Events (type, object, seconds after T0) about a payment, delivered and applied in this order."""
    sent = [event(type_, source, at=T0 + after, livemode=payment.livemode) for type_, source, after in happened]
    deliver_all(payment.account, sent)
    payment.refresh_from_db()


def answer(payment: Payment, kind: Kind, source: dict[str, Any], via: Source, *, after: int) -> Result:
    """What the processor says about an object when it is asked, ``after`` seconds behind T0."""
    account, at = payment.account, datetime.fromtimestamp(T0 + after, UTC)
    neutral, covers = read_object(account, source), registry.of(kind).key_of(account.pk, source["id"])
    asked = inbound_of(account, neutral, number=-1, told=f"{kind}.fetched", at=at, source=via, covers=covers)
    result = dispatch([asked])[-1]
    payment.refresh_from_db()
    return result


def _about(payment: Payment, kind: str, prefix: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{prefix}_follow{next(_numbers)}",
        "object": kind,
        "created": T0 + 100,
        "charge": payment.external_charge_id,
        "payment_intent": payment.external_id,
        "currency": payment.currency.lower(),
        "livemode": payment.livemode,
        **fields,
    }
