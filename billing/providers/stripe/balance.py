"""What an account holds, in neutral words."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from billing.providers.base import Access, Funds, Holdings, UnreadableObject
from billing.providers.stripe.client import ask
from billing.providers.stripe.fields import currency, entries, signed, text

PATH = "/v1/balance"
# Stripe's names for what Funds calls available, pending and reserved.
_PARTS = ("available", "pending", "connect_reserved")


def balance(access: Access) -> Holdings:
    """The account's balance of this moment. Raises UnreadableObject for an answer that is none."""
    reply = ask(access, PATH, what="the balance")
    if text(reply.data, "object") != "balance":
        raise UnreadableObject("the answer is no balance")
    held = {part: _by_currency(reply.data, part) for part in _PARTS}
    currencies = sorted({each for amounts in held.values() for each in amounts})
    funds = tuple(Funds(each, *(held[part].get(each, 0) for part in _PARTS)) for each in currencies)
    return Holdings(funds, reply.observed_at)


def _by_currency(source: Mapping[str, Any], part: str) -> dict[str, int]:
    amounts: dict[str, int] = defaultdict(int)
    for line in entries(source, part):
        code = currency(line)
        amounts[code] += signed(line, "amount", code)
    return amounts
