"""What slices above know of payments, worked out anew from their rows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

Restate = Callable[[Sequence[int]], Mapping[int, Mapping[str, Any]]]
"""Columns of payments, by payment id; one without rows of the slice may be left out."""
# Of a payment of which a slice has no rows.
NOTHING = {"refunds_total": 0, "open_chargebacks": 0, "amount_lost": 0, "open_reviews": 0}
_restates: list[Restate] = []


def restates(function: Restate) -> Restate:
    """Register a function that tells its columns of NOTHING."""
    _restates.append(function)
    return function


def restated(payment_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """All columns of NOTHING of these payments."""
    columns = {payment_id: dict[str, Any](NOTHING) for payment_id in payment_ids}
    for restate in _restates:
        for payment_id, told in restate(list(payment_ids)).items():
            columns[payment_id].update(told)
    return columns
