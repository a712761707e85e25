"""Rows that mirror a processor's objects, written straight into their tables."""

import itertools
from typing import Any

from billing import clock
from billing.customers.models import Customer
from billing.ids import new_id
from billing.payments.models import Payment
from billing.payouts.models import Payout
from billing.providers.models import ProviderAccount
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute

_numbers = itertools.count(1)


def give_back(payment: Payment, **fields: Any) -> Refund:
    return mirrored(Refund, payment.account, payment=payment, amount=500, currency="EUR", **fields)


def contest(payment: Payment, **fields: Any) -> Dispute:
    return mirrored(Dispute, payment.account, payment=payment, amount=500, currency="EUR", **fields)


def pay_out(account: ProviderAccount, **fields: Any) -> Payout:
    return mirrored(Payout, account, **{"amount": 123450, "currency": "EUR", **fields})


def befriend(account: ProviderAccount, **fields: Any) -> Customer:
    return mirrored(Customer, account, **fields)


def mirrored(model: Any, account: ProviderAccount, **fields: Any) -> Any:
    number = next(_numbers)
    whose = {"merchant": account.merchant, "account": account, "livemode": account.livemode}
    at = {"created_at": clock.now(), "updated_at": clock.now()}
    ids = {"public_id": new_id(model.PREFIX), "external_id": f"{model.__name__.lower()}_{number}"}
    return model.objects.create(**{**whose, **at, **ids, **fields})
