"""The newest payments, as their list shows them."""

from typing import Any
from urllib.parse import urlencode

from billing.payments.models import Payment
from billing.payments.queries import list_rows
from portal.merchant.home.place import Home
from portal.merchant.transactions.table import PaymentTable, Reader, make_rows

SHOWN = 10


def latest_context(home: Home) -> dict[str, Any]:
    payments = Payment.objects.for_merchant(home.merchant, home.livemode).order_by("-created_at", "-id")
    back = urlencode({"back": home.page("transactions")}, safe="/")
    reader = Reader(home.page("transactions"), f"?{back}", home.merchant.zone, home.by_person)
    return {
        "rows": make_rows(list(list_rows(payments)[:SHOWN]), reader),
        "heads": [
            (column.verbose_name, column.attrs["th"]["class"] if column.attrs else "")
            for column in PaymentTable.base_columns.values()
        ],
        "transactions_url": home.page("transactions"),
    }
