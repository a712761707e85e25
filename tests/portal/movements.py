"""Movements of a balance, which no event tells of: they are asked for."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from billing.payouts.models import BalanceTransaction
from billing.providers.models import ProviderAccount
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Source, dispatch
from tests.billing.deliveries import T0

_numbers = itertools.count(1)


def book(account: ProviderAccount, *, net: int, at: int = T0, available: int = T0, **fields: Any) -> BalanceTransaction:
    """A movement as the processor answers it; times are Unix times."""
    source = {
        "id": f"txn_booked{next(_numbers)}",
        "object": "balance_transaction",
        "type": "charge",
        "currency": "eur",
        "amount": net,
        "fee": 0,
        "net": net,
        "created": at,
        "available_on": available,
        "status": "pending",
        **fields,
    }
    neutral, told = read_object(account, source), "balance_transaction.fetched"
    moment = datetime.fromtimestamp(at, UTC)
    asked = inbound_of(account, neutral, number=-1, told=told, at=moment, source=Source.BACKFILL)
    with transaction.atomic():
        dispatch([asked])
    return BalanceTransaction.objects.get(account=account, external_id=source["id"])
