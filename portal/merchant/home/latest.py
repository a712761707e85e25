"""The newest payments, as their list shows them."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import get_language

from billing.compiled import Compiled
from billing.payments.models import Payment
from billing.payments.queries import ROW
from portal.merchant.home.place import Home
from portal.web.money_lists.table import Reader
from portal.web.payments.table import PaymentTable, make_rows
from reports.templatetags.money import current_locale

SHOWN = 10


def _newest(merchant: int, *, livemode: bool) -> QuerySet[Payment, tuple[Any, ...]]:
    payments = Payment.objects.for_merchant(merchant, livemode).order_by("-created_at", "-id")
    return payments.values_list(*ROW)[:SHOWN]


_NEWEST = Compiled(_newest)


def latest_context(home: Home) -> dict[str, Any]:
    back = urlencode({"back": home.page("transactions")}, safe="/")
    url, language = home.page("transactions"), get_language() or ""
    reader = Reader(url, f"?{back}", home.merchant.zone, home.by_person, current_locale(), language)
    return {
        "rows": make_rows(_NEWEST(home.merchant.pk, livemode=home.livemode), reader),
        "heads": [
            (column.verbose_name, column.attrs["th"]["class"] if column.attrs else "")
            for name, column in PaymentTable.base_columns.items()
            if name not in PaymentTable.optional
        ],
        "transactions_url": url,
    }
