"""The newest payments, as their list shows them."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import get_language

from billing.payments.models import Payment
from billing.payments.queries import ROW
from portal.merchant.home.place import Home
from portal.web.money_lists.table import Reader
from portal.web.payments.table import PaymentTable, make_rows
from reports.templatetags.money import current_locale

SHOWN = 10


def latest_context(home: Home) -> dict[str, Any]:
    payments = Payment.objects.for_merchant(home.merchant, home.livemode).order_by("-created_at", "-id")
    back = urlencode({"back": home.page("transactions")}, safe="/")
    url, language = home.page("transactions"), get_language() or ""
    reader = Reader(url, f"?{back}", home.merchant.zone, home.by_person, current_locale(), language)
    return {
        "rows": make_rows(list(payments.values_list(*ROW)[:SHOWN]), reader),
        "heads": [
            (column.verbose_name, column.attrs["th"]["class"] if column.attrs else "")
            for name, column in PaymentTable.base_columns.items()
            if name not in PaymentTable.optional
        ],
        "transactions_url": url,
    }
