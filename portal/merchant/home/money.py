"""Where the money is: what is available, what is pending, and what is on its way to the bank."""

from typing import Any

from billing.access.verbs import P
from billing.ledger.chart import Code
from portal.merchant.balance.accounts import sums
from portal.merchant.home.place import Home

_SHOWN_PAYOUTS = 4


def balance_context(home: Home) -> dict[str, Any]:
    books = home.books
    held = [(currency, sums(books.balances, currency)) for currency in books.currencies]
    return {
        "funds": [(currency, of.get(Code.AVAILABLE, 0), of.get(Code.PENDING, 0)) for currency, of in held],
        "payouts": [(payout, home.movements_of(payout)) for payout in home.payouts[:_SHOWN_PAYOUTS]],
        "balance_url": home.page("balance") if home.can(P.BALANCE_VIEW) else "",
        "activity_url": home.page("activity"),
    }
