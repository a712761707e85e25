"""All movements of the balance at one address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import Any

from django.db.models import BigIntegerField, Case, Expression, F, When
from django.db.models.functions import Abs
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from billing.payments.models import Payment
from billing.payouts.models import LEFT, PAYOUT, BalanceTransaction
from billing.payouts.queries import ROW, Origin, of_kinds, origins_of, search
from portal.web.filters import AnyOf
from portal.web.money_lists.filters import MoneyFilters
from portal.web.money_lists.listing import MoneyListing, Sum, Words
from portal.web.money_lists.origins import origin_cell
from portal.web.money_lists.table import MoneyTable, Reader, amount_cell, badge_cell, moment_cell
from portal.web.movements import KINDS, movement_words
from portal.web.row_markup import fill_row
from portal.web.tables import column
from reports.dates import day_text, iso_utc
from reports.status import STATUSES

_MONEY = "cf-col-figure cf-num cf-num-money"


class ActivityTable(MoneyTable):
    status = column(_("Status"), "cf-col-state")
    what = column(_("What"), "cf-col-what")
    origin = column(pgettext_lazy("origin", "From"))
    amount = column(_("Gross"), _MONEY, sorts=True)
    fee = column(_("Fee"), _MONEY)
    net = column(_("Net"), _MONEY)
    available = column(_("Available"), "cf-col-day cf-num")
    created = column(_("Created"), "cf-col-created cf-num", sorts=True)


class ActivityFilters(MoneyFilters):
    # Whichever way the money went.
    amount_column = "size"
    status = AnyOf(
        choices=[(value, each.label) for value, each in STATUSES["movement"].items()],
        label=_("Status"),
    )
    type = AnyOf(choices=list(KINDS.items()), method="of_kind", label=_("What"))
    pills = ("type",)

    class Meta(MoneyFilters.Meta):
        model = BalanceTransaction

    def of_kind(self, queryset: Any, name: str, value: list[str]) -> Any:
        return of_kinds(queryset, value)

    def search(self, queryset: Any, text: str) -> Any:
        payments = self.scope.of(Payment)
        return search(queryset, payments, text, accounts=self.scope.account_ids, by_person=self.scope.by_person)

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset.alias(size=Abs("amount")))


def _if_payout(figure: Expression | F) -> Case:
    return Case(When(PAYOUT, then=figure), default=0, output_field=BigIntegerField())


def _unless_payout(figure: Expression | F) -> Case:
    return Case(When(PAYOUT, then=0), default=figure, output_field=BigIntegerField())


@dataclass(frozen=True)
class ActivityListing(MoneyListing[ActivityFilters]):
    name = "activity"
    model = BalanceTransaction
    columns = ROW
    table_type = ActivityTable
    filters_type = ActivityFilters
    sums = {
        "gross": Sum(_("Gross"), _unless_payout(F("amount"))),
        "fees": Sum(_("Fees"), -F("fee")),
        "left": Sum(_("Net"), LEFT),
        "paid": Sum(_("Payouts"), _if_payout(F("amount"))),
    }
    words = Words(
        title=_("All activity"),
        noun=ngettext_lazy("movement", "movements", "count"),
        topic="blt",
        filter_label=_("Filter movements of the balance"),
        search_for=_("Reference or id"),
        nothing_found=_("No movements match these filters"),
        nothing_yet=_("No movements yet"),
        nothing_yet_text=_(
            "Everything that changes the balance at the processor appears here: payments, refunds, disputes, fees and"
            " payouts."
        ),
        not_summed=_("Payouts stand apart: nothing is earned or lost by them but what they cost."),
        not_connected_text=_(
            "Movements appear here once an Owner or Admin has connected the account at the processor."
        ),
        icon="activity",
    )

    def make_rows(self, found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
        account, source = ROW.index("account_id"), ROW.index("source_id")
        origins = origins_of({(each[account], each[source]) for each in found})
        return [_row(each, origins.get((each[account], each[source])), reader) for each in found]


@lru_cache(maxsize=1024)
def _row(found: tuple[Any, ...], origin: Origin | None, reader: Reader) -> SafeString:
    (_pk, public_id, type_, category, state, amount, fee, net, currency, source_id) = found[:10]
    description, available_on, created_at, _account = found[10:]
    words = movement_words(type_, category)
    gross, taken, left = (amount_cell(each, currency, reader.locale) for each in (amount, -fee, net))
    origin_text, origin_markup = origin_cell(origin, source_id, description, public_id, reader)
    cells = {
        "public_id": public_id,
        "badge": badge_cell("movement", state, "", reader.language),
        "what": escape(words[:1].upper() + words[1:]),
        "title": escape(origin_text),
        "origin": origin_markup,
        "gross": gross,
        "fee": taken,
        "net": left,
        "available": _day(available_on, reader.zone) if available_on else "—",
        "created": moment_cell(created_at, reader.zone),
    }
    return fill_row("merchant/activity/row.html", cells)


def _day(moment: datetime, zone: tzinfo) -> str:
    return f'<time datetime="{iso_utc(moment)}">{day_text(moment, zone)}</time>'
