"""What follows payments and moves the balance, written straight into the tables for tests of lists."""

import itertools
from typing import Any

from billing import clock
from billing.customers.models import Customer
from billing.ids import new_id
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction, Payout
from billing.providers.models import ProviderAccount
from billing.providers.stripe.bookings import booking_of
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute
from disputes.reviews.models import Review

_numbers = itertools.count(1)


def write_refund(payment: Payment, **fields: Any) -> Refund:
    base = {"amount": 500, "currency": payment.currency, "provider_status": "succeeded", "payment": payment}
    return _write(Refund, payment.account, "re_row", {**base, **fields})


def write_dispute(payment: Payment, **fields: Any) -> Dispute:
    base = {"amount": payment.amount, "currency": payment.currency, "provider_status": "needs_response"}
    return _write(Dispute, payment.account, "du_row", {**base, "payment": payment, "reason": "fraudulent", **fields})


def write_review(payment: Payment, **fields: Any) -> Review:
    return _write(Review, payment.account, "prv_row", {"payment": payment, **fields})


def write_customer(account: ProviderAccount, **fields: Any) -> Customer:
    return _write(Customer, account, "cus_row", fields)


def write_movement(account: ProviderAccount, **fields: Any) -> BalanceTransaction:
    """Its net is what its amount leaves of its fee, and it is booked as its processor's words say; it is in no book."""
    base = {"type": "charge", "status": "available", "amount": 2000, "fee": 59, "currency": "EUR"}
    values = {**base, **fields}
    booking = booking_of(values["type"], values.get("reporting_category", ""))
    derived = {"net": values["amount"] - values["fee"], "booking": booking.value}
    return _write(BalanceTransaction, account, "txn_row", {**derived, **values})


def write_payout(account: ProviderAccount, **fields: Any) -> Payout:
    base = {"amount": 10_000, "currency": "EUR", "provider_status": "paid"}
    return _write(Payout, account, "po_row", {**base, **fields})


def _write(model: Any, account: ProviderAccount, stem: str, fields: dict[str, Any]) -> Any:
    now = clock.now()
    base = {
        "public_id": new_id(model.PREFIX),
        "merchant": account.merchant,
        "account": account,
        "livemode": account.livemode,
        "external_id": f"{stem}{next(_numbers)}",
        "created_at": now,
        "updated_at": now,
    }
    return model.objects.create(**{**base, **fields})
