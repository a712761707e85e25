"""The list of disputes at one address: to read, not to work from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.db.models import F
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from disputes.chargebacks.models import OWED, Dispute
from disputes.chargebacks.queries import ROW
from portal.web.filters import AnyOf
from portal.web.money_lists.filters import FollowingFilters
from portal.web.money_lists.listing import MoneyListing, Sum, Words
from portal.web.money_lists.table import MoneyTable, Reader, amount_cell, badge_cell, moment_cell, payment_cells
from portal.web.reasons import DISPUTE_REASONS, words_of
from portal.web.row_markup import fill_row
from portal.web.tables import column
from reports.status import STATUSES, our_word

_SHOWN_STATUSES = (
    *("warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review"),
    *("appeal_needs_response", "appeal_under_review", "won", "lost", "prevented"),
)


class DisputeTable(MoneyTable):
    status = column(_("Status"), "cf-col-dispute")
    amount = column(_("Amount"), "cf-col-sum cf-num cf-num-money", sorts=True)
    reason = column(_("Reason"), "cf-col-reason-wide")
    customer = column(_("Customer"), "cf-col-who")
    payment = column(_("Payment"))
    due = column(_("Due by"), "cf-col-due cf-num")
    created = column(_("Created"), "cf-col-created cf-num", sorts=True)


class DisputeFilters(FollowingFilters):
    status = AnyOf(
        field_name="provider_status",
        choices=[(value, STATUSES["dispute"][our_word(value)].label) for value in _SHOWN_STATUSES],
        label=_("Status"),
    )
    reason = AnyOf(choices=list(DISPUTE_REASONS.items()), label=_("Reason"))

    class Meta(FollowingFilters.Meta):
        model = Dispute


@dataclass(frozen=True)
class DisputeListing(MoneyListing[DisputeFilters]):
    name = "disputes"
    model = Dispute
    columns = ROW
    table_type = DisputeTable
    filters_type = DisputeFilters
    sums = {
        "disputed": Sum(_("Disputed"), F("amount")),
        "withdrawn": Sum(_("Withdrawn"), -F("amount_withdrawn")),
    }
    words = Words(
        title=_("Disputes"),
        noun=ngettext_lazy("dispute", "disputes", "count"),
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
    label = escape(gettext("Due by"))
    return f'<span class="cf-sheet-only">{label} </span>{moment_cell(due_by, reader.zone)}'
