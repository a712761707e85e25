"""Where the money is: what is available, what is pending, and what is on its way to the bank."""

from typing import Any

from billing.figures.read import funds
from portal.merchant.home.place import Home

_SHOWN_PAYOUTS = 4


def balance_context(home: Home) -> dict[str, Any]:
    return {
        "funds": funds(home.merchant, home.livemode, home.now),
        "payouts": [(payout, home.movements_of(payout)) for payout in home.payouts[:_SHOWN_PAYOUTS]],
        "activity_url": home.page("activity"),
    }
