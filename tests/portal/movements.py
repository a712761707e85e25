"""Movements of a balance, which no event tells of: they are asked for."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from billing.payouts.models import BalanceTransaction
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter
from billing.webhooks.handlers import Inbound, Source, dispatch
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
    neutral = adapter("stripe").read(source)
    assert neutral is not None
    asked = Inbound(
        row_id=-1,
        external_id="",
        account_id=account.pk,
        merchant=account.merchant,
        livemode=account.livemode,
        type="balance_transaction.fetched",
        occurred_at=datetime.fromtimestamp(at, UTC),
        event=neutral,
        source=Source.BACKFILL,
    )
    with transaction.atomic():
        dispatch([asked])
    return BalanceTransaction.objects.get(account=account, external_id=source["id"])
