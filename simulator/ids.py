"""Ids as Stripe makes them: a prefix that names the kind, then letters and digits."""

from simulator.chance import Chance

# Payment objects carry a digit that tells their generation; what reads ids must not depend on it.
_LEADING = {"pi": "3", "ch": "3", "py": "3", "re": "3", "txn": "3", "evt": "1", "req": "", "acct": "1"}
_LENGTH = {"cus": 14, "prod": 14, "req": 14, "acct": 16, "card": 24}


def new_id(chance: Chance, prefix: str) -> str:
    leading = _LEADING.get(prefix, "1" if prefix not in _LENGTH else "")
    length = _LENGTH.get(prefix, 24) - len(leading)
    return f"{prefix}_{leading}{chance.text(prefix, length)}"
