"""Where the money is: what is available, what is pending, and what is on its way to the bank."""

from typing import Any

from portal.merchant.home.place import Home
from reports.figures import home as figures


def balance_context(home: Home) -> dict[str, Any]:
    found = figures.balance(home.merchant, home.livemode, home.now)
    return {"funds": found.funds, "payouts": found.payouts, "activity_url": home.page("activity")}
