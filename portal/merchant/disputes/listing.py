"""The list of disputes at one address: to read, not to work from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

import django_tables2 as tables
from django.db.models import F
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from disputes.chargebacks.models import OWED, Dispute
from disputes.chargebacks.queries import ROW
from portal.web.filters import AnyOf
from portal.web.money_lists.filters import FollowingFilters, list_names
from portal.web.money_lists.listing import MoneyListing, Sum, Words
from portal.web.money_lists.panel import MoneyPanel
from portal.web.money_lists.table import ORDERS, Reader, amount_cell, badge_cell, moment_cell, payment_cells
from portal.web.reasons import DISPUTE_REASONS, words_of
from portal.web.row_markup import fill_row
from portal.web.tables import ListTable
from reports.status import STATUSES, our_word

_SHOWN_STATUSES = (
    *("warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review"),
    *("appeal_needs_response", "appeal_under_review", "won", "lost", "prevented"),
)


class DisputeTable(ListTable):
    status = tables.Column(orderable=False, verbose_name=_("Status"), attrs={"th": {"class": "cf-col-dispute"}})
    amount = tables.Column(verbose_name=_("Amount"), attrs={"th": {"class": "cf-col-sum cf-num cf-num-money"}})
    reason = tables.Column(orderable=False, verbose_name=_("Reason"), attrs={"th": {"class": "cf-col-reason-wide"}})
    customer = tables.Column(orderable=False, verbose_name=_("Customer"), attrs={"th": {"class": "cf-col-who"}})
    payment = tables.Column(orderable=False, verbose_name=_("Payment"))
    due = tables.Column(orderable=False, verbose_name=_("Due by"), attrs={"th": {"class": "cf-col-due cf-num"}})
    created = tables.Column(verbose_name=_("Created"), attrs={"th": {"class": "cf-col-created cf-num"}})

    orders = ORDERS

    class Meta:
        order_by = ("-created",)


class DisputeFilters(FollowingFilters):
    status = AnyOf(
        field_name="provider_status",
        choices=[(value, STATUSES["dispute"][our_word(value)].label) for value in _SHOWN_STATUSES],
        label=_("Status"),
    )
    reason = AnyOf(choices=list(DISPUTE_REASONS.items()), label=_("Reason"))

    class Meta(FollowingFilters.Meta):
        model = Dispute


class DisputePanel(MoneyPanel[DisputeFilters]):
    pills = ("reason",)


@dataclass(frozen=True)
class DisputeListing(MoneyListing[DisputeFilters]):
    name = "disputes"
    names = list_names("reason")
    model = Dispute
    columns = ROW
    table_type = DisputeTable
    filters_type = DisputeFilters
    panel_type = DisputePanel
    sums = {
        "disputed": Sum(_("Disputed"), F("amount")),
        "withdrawn": Sum(_("Withdrawn"), -F("amount_withdrawn")),
    }
    words = Words(
        title=_("Disputes"),
        topic="dsp",
        filter_label=_("Filter disputes"),
        search_for=_("Reference or customer"),
        nothing_found=_("No disputes match these filters"),
        nothing_yet=_("No disputes yet"),
        nothing_yet_text=_(
            "Disputes and inquiries of customers' banks appear here by themselves, with what is owed when."
        ),
        not_summed=_("Withdrawn is what the bank has taken and not given back."),
        not_connected_text=_("Disputes appear here once an Owner or Admin has connected the account at the processor."),
        icon="scale",
    )

    def make_rows(self, found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
        return [_row(each, reader) for each in found]

    def noun_of(self, count: int) -> str:
        return ngettext("dispute", "disputes", count)


@lru_cache(maxsize=1024)
def _row(found: tuple[Any, ...], reader: Reader) -> SafeString:
    (_pk, public_id, state, amount, currency, reason, due_by, created_at, *told) = found
    words = words_of(reason, DISPUTE_REASONS) or gettext("no reason given")
    cells = {
        "public_id": public_id,
        "badge": badge_cell("dispute", state, "", reader.language),
        "amount": amount_cell(amount, currency, reader.locale),
        "reason": escape(words[:1].upper() + words[1:]),
        "due": _due(state, due_by, reader),
        "created": moment_cell(created_at, reader.zone),
        **payment_cells(told, reader, f"#{public_id}"),
    }
    return fill_row("merchant/disputes/row.html", cells)


def _due(state: str, due_by: datetime | None, reader: Reader) -> str:
    """Only while an answer is owed does a deadline mean anything. A card has no head to say what it is."""
    if state not in OWED:
        return '<span class="cf-card-hide">—</span>'
    if due_by is None:
        return escape(gettext("No response possible"))
    return f'<span class="cf-sheet-only">{escape(gettext("Due by"))} </span>{moment_cell(due_by, reader.zone)}'
