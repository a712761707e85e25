"""The accounts of the books as people choose them, and which way their figures read."""

from collections.abc import Collection, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.ledger.balances import Balance
from billing.ledger.chart import PLACES, Code

RESERVE = "reserve"
USUAL = Code.AVAILABLE.value
# By what an address calls them. A reserve is one thing, whichever of the two sides of it a processor books.
ACCOUNTS: Mapping[str, Sequence[Code]] = {
    Code.AVAILABLE.value: (Code.AVAILABLE,),
    Code.PENDING.value: (Code.PENDING,),
    Code.IN_TRANSIT.value: (Code.IN_TRANSIT,),
    RESERVE: (Code.RESERVES, Code.HELD),
    **{code.value: (code,) for code in Code if code not in (Code.AVAILABLE, Code.PENDING, Code.IN_TRANSIT)},
}
_IN = _("Plus came in, minus went out.")
_GAINED = _("Plus is what you gained by it, minus what it cost you.")


def label_of(name: str) -> str | Promise:
    return _("Reserve in all") if name == RESERVE else Code(name).label


def sign_of(name: str) -> int:
    """What a figure of the books is multiplied with to be read as more money (plus) or less (minus) for the merchant:
    what a place holds is a debit, and so is what something cost."""
    return 1 if _is_place(name) else -1


def signs_in_words(name: str) -> str | Promise:
    return _IN if _is_place(name) else _GAINED


def sums(balances: Collection[Balance], currency: str) -> Mapping[Code, int]:
    """What the accounts of a currency hold together, those that were ever opened."""
    found: dict[Code, int] = {}
    for balance in balances:
        if balance.currency == currency:
            found[balance.code] = found.get(balance.code, 0) + balance.amount
    return found


def places_of(balances: Collection[Balance], currency: str, name: str) -> list[int]:
    """The keys of the accounts behind a name."""
    codes = ACCOUNTS[name]
    return [balance.place for balance in balances if balance.currency == currency and balance.code in codes]


def _is_place(name: str) -> bool:
    return all(code in PLACES for code in ACCOUNTS[name])
