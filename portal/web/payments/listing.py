"""A list of payments at one address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import F
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.payments.models import Payment
from billing.payments.queries import ROW
from portal.web.money_lists.listing import MoneyListing, Sum, Words
from portal.web.money_lists.table import Reader
from portal.web.payments.filters import PaymentFilters
from portal.web.payments.table import PaymentTable, extra_columns, make_rows


@dataclass(frozen=True)
class PaymentListing(MoneyListing[PaymentFilters]):
    """``columns`` are ROW, or ROW and OWNER."""

    name = "transactions"
    model = Payment
    columns: ClassVar[tuple[str, ...]] = ROW
    table_type = PaymentTable
    filters_type = PaymentFilters
    sums = {
        "captured": Sum(_("Captured"), F("amount_captured")),
        "refunded": Sum(_("Refunded"), -F("amount_refunded")),
        "lost": Sum(_("Lost to disputes"), -F("amount_lost")),
        "left": Sum(_("Net before fees"), F("amount_captured") - F("amount_refunded") - F("amount_lost")),
    }
    words = Words(
        title=_("Transactions"),
        noun=ngettext_lazy("transaction", "transactions", "count"),
        topic="pay",
        filter_label=_("Filter transactions"),
        search_for=_("Reference or customer"),
        nothing_found=_("No transactions match these filters"),
        nothing_yet=_("No payments yet"),
        nothing_yet_text=_(
            "Every payment that the processor reports appears here by itself, with all attempts at it and what became"
            " of them."
        ),
        not_summed=_("What was never captured counts nothing."),
        not_connected_text=_("Payments appear here once an Owner or Admin has connected the account at the processor."),
    )

    @property
    def queried(self) -> tuple[str, ...]:
        return (*self.columns, *extra_columns(self.table.chosen))

    def make_rows(self, found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
        return make_rows(found, reader, self.table.chosen, owned=self.columns != ROW, ticks=self.ticks)
