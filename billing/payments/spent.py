"""What customers paid, many at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from billing.arrays import array
from billing.merchants.models import Merchant

# Of one customer no more payments are looked at here; few have so many.
MOST = 1_000
Ref = tuple[UUID, str]
"""A connection's id and the processor's id of a customer."""

# Repeating the condition of the index payment_customer lets the planner see that it serves.
_SPENT = """
SELECT account_id, external_id, currency, count(*), sum(spent)::bigint
  FROM unnest(%(accounts)s::uuid[], %(ids)s::text[]) AS wanted (account_id, external_id)
 CROSS JOIN LATERAL (
       SELECT currency, amount_captured - amount_refunded - amount_lost AS spent FROM payment
        WHERE merchant_id = %(merchant)s AND livemode = %(livemode)s AND customer_external_id = wanted.external_id
          AND customer_external_id <> '' AND payment.account_id = wanted.account_id
        ORDER BY created_at DESC, id DESC LIMIT %(limit)s) AS newest
 GROUP BY account_id, external_id, currency ORDER BY count(*) DESC, currency
"""


@dataclass(slots=True)
class Spent:
    """``payments`` of all kinds, up to MOST + 1, which stands for more. ``amounts`` are by currency, in minor units:
    what was captured and neither went back nor was lost to a dispute; the currency of most payments first."""

    payments: int = 0
    amounts: list[tuple[str, int]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.payments <= MOST


def spent_by(merchant: Merchant, livemode: bool, customers: Collection[Ref]) -> Mapping[Ref, Spent]:
    """By customer, for those who paid or tried to. One query."""
    found: dict[Ref, Spent] = defaultdict(Spent)
    accounts, ids = array(account for account, _ in customers), array(external_id for _, external_id in customers)
    facts: dict[str, Any] = {"accounts": accounts, "ids": ids, "limit": MOST + 1}
    facts |= {"merchant": merchant.pk, "livemode": livemode}
    with connection.cursor() as cursor:
        cursor.execute(_SPENT, facts)
        for account, external_id, currency, count, amount in cursor.fetchall():
            spent = found[account, external_id]
            spent.payments += count
            spent.amounts.append((currency, amount))
    return found
