"""What the books of an account must come to, worked out from Stripe's own lists by its reporting categories."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Sums = Counter[tuple[str, str]]
"""Minor units by code of a ledger account and currency; debits are positive."""

# What each category is called here, and which account of the books is its other side.
CATEGORIES: Mapping[str, tuple[str, str]] = {
    "charge": ("payment", "payments"),
    "charge_failure": ("payment", "payments"),
    "partial_capture_reversal": ("payment", "payments"),
    "refund": ("refund", "refunds"),
    "refund_failure": ("refund", "refunds"),
    "dispute": ("dispute", "disputes"),
    "dispute_reversal": ("dispute", "disputes"),
    "fee": ("fee", "fees"),
    "tax": ("fee", "fees"),
    "platform_earning": ("earning", "application_fees"),
    "platform_earning_refund": ("earning", "application_fees"),
    "other_adjustment": ("adjustment", "adjustments"),
    "payment_network_reserve_hold": ("hold", "held_back"),
    "payment_network_reserve_release": ("hold", "held_back"),
    "payout_minimum_balance_hold": ("hold", "held_back"),
    "payout_minimum_balance_release": ("hold", "held_back"),
    "payout": ("payout", "payouts_in_transit"),
    "payout_reversal": ("payout", "payouts_in_transit"),
    "topup": ("transfer", "transfers"),
    "topup_reversal": ("transfer", "transfers"),
    "transfer": ("transfer", "transfers"),
    "transfer_reversal": ("transfer", "transfers"),
}


def booking(movement: Mapping[str, Any]) -> str:
    return CATEGORIES[movement["reporting_category"]][0]


def expected(movements: Iterable[Mapping[str, Any]], payouts: Iterable[Mapping[str, Any]]) -> Sums:
    """Every account of the books that is not empty."""
    sums: Sums = Counter()
    for movement in movements:
        currency, (kind, side) = movement["currency"].upper(), CATEGORIES[movement["reporting_category"]]
        sums[f"processor_{movement['status']}", currency] += movement["net"]
        sums["dispute_fees" if kind == "dispute" else "fees", currency] += movement["fee"]
        sums[side, currency] -= movement["amount"]
    for payout in payouts:
        if payout["status"] == "paid":
            currency = payout["currency"].upper()
            sums["bank", currency] += payout["amount"]
            sums["payouts_in_transit", currency] -= payout["amount"]
    return _filled(sums)


def held(cursor: Any, account_id: str) -> Sums:
    """The same of our books, added up from their postings; and from what their accounts say, if that differs."""
    cursor.execute(
        """SELECT code, currency, balance, coalesce(sum(amount), 0)
             FROM ledger_account AS place LEFT JOIN posting ON posting.ledger_account_id = place.id
            WHERE account_id = %s GROUP BY place.id""",
        [account_id],
    )
    sums: Sums = Counter()
    for code, currency, balance, posted in cursor.fetchall():
        sums[code, currency] += int(posted)
        sums[f"{code} by its postings less by its balance", currency] += int(posted) - balance
    return _filled(sums)


def _filled(sums: Sums) -> Sums:
    return Counter({place: amount for place, amount in sums.items() if amount})
