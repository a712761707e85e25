"""The list of refunds at one address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from html import escape
from itertools import starmap
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandBatch, MoneyCommand
from billing.refunds.models import LIVE, Refund
from billing.refunds.queries import ROW, Told, batches_lately, requests_without_refund
from portal.web.approvals.subjects import payment_called
from portal.web.batches import Progress, outcome, progress_of
from portal.web.filters import AnyOf
from portal.web.money_lists.filters import FollowingFilters
from portal.web.money_lists.listing import MoneyListing, Sum, Words
from portal.web.money_lists.scope import MerchantScope
from portal.web.money_lists.table import MoneyTable, Reader, amount_cell, badge_cell, moment_cell, payment_cells
from portal.web.payments.follow_ups import RequestRow, request_row
from portal.web.reasons import REFUND_REASONS, refund_trouble, words_of
from portal.web.row_markup import fill_row
from portal.web.tables import column
from reports.status import STATUSES

# By the processor's word, which the column holds, and ours, which says what it means.
_STATUSES = {
    "succeeded": "succeeded",
    "pending": "pending",
    "requires_action": "requires_action",
    "failed": "failed",
    "canceled": "cancelled",
}
# Of what stands above the list, in its address.
ASKED = "asked"
# With its sum as it leaves the balance.
BatchRow = tuple[CommandBatch, Progress, int]


class RefundTable(MoneyTable):
    status = column(_("Status"), "cf-col-refund")
    amount = column(_("Amount"), "cf-col-sum cf-num cf-num-money", sorts=True)
    customer = column(_("Customer"), "cf-col-who")
    payment = column(_("Payment"))
    method = column(_("Method"), "cf-col-card")
    reason = column(_("Reason"), "cf-col-reason")
    created = column(_("Created"), "cf-col-created cf-num", sorts=True)


class RefundFilters(FollowingFilters):
    status = AnyOf(
        field_name="provider_status",
        choices=[(value, STATUSES["refund"][ours].label) for value, ours in _STATUSES.items()],
        label=_("Status"),
    )
    reason = AnyOf(choices=list(REFUND_REASONS.items()), label=_("Reason"))

    class Meta(FollowingFilters.Meta):
        model = Refund

    @classmethod
    def list_names(cls) -> tuple[str, ...]:
        return (*super().list_names(), ASKED)


@dataclass(frozen=True)
class RefundListing(MoneyListing[RefundFilters]):
    scope: MerchantScope

    name = "refunds"
    most_folded = 10
    model = Refund
    columns = ROW
    table_type = RefundTable
    filters_type = RefundFilters
    sums = {"refunded": Sum(_("Refunded"), Case(When(provider_status__in=LIVE, then=-F("amount")), default=0))}
    words = Words(
        title=_("Refunds"),
        noun=ngettext_lazy("refund", "refunds", "count"),
        topic="ref",
        filter_label=_("Filter refunds"),
        search_for=_("Reference or customer"),
        nothing_found=_("No refunds match these filters"),
        nothing_yet=_("No refunds yet"),
        nothing_yet_text=_("Every refund that the processor reports appears here by itself, whoever asked for it."),
        not_summed=_("Refunds that failed or were cancelled count nothing."),
        not_connected_text=_("Refunds appear here once an Owner or Admin has connected the account at the processor."),
        icon="arrow-back-up",
    )

    @cached_property
    def requests(self) -> Told[RequestRow]:
        """Asked for here, and not made yet or not at all; above the whole list only."""
        if self.filters.is_touched or self.is_later:
            return Told([], 0, 0)
        return requests_without_refund(self.scope.merchant, self.scope.livemode).shown_as(self._request_row)

    @cached_property
    def batches(self) -> Told[BatchRow]:
        """Asked for together in the last days; where the requests are."""
        if self.filters.is_touched or self.is_later:
            return Told([], 0, 0)
        return batches_lately(self.scope.merchant, self.scope.livemode).shown_as(_batch_row)

    @property
    def is_unfolded(self) -> bool:
        """Whether all requests are shown, however far down the list then begins."""
        return self.address.first(ASKED) == "all"

    @property
    def shown(self) -> str:
        """How many requests and batches are, as the filter ``slice`` takes it."""
        return "" if self.is_unfolded else f":{self.most_folded}"

    @property
    def unfolded_url(self) -> str:
        return self.address.having(**{ASKED: "all"})

    @property
    def folded_url(self) -> str:
        return self.address.without([ASKED])

    def _request_row(self, command: MoneyCommand) -> RequestRow:
        return replace(request_row(command), called=payment_called(command.payment, by_person=self.scope.by_person))

    @property
    def above(self) -> str:
        return "merchant/refunds/requests.html" if self.requests.rows or self.batches.rows else ""

    @property
    def way_suffix(self) -> str:
        """For pages behind the rows: the way back to this list."""
        return f"?{urlencode({'back': self.address.path}, safe='/')}"

    def make_rows(self, found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
        return [_row(each, reader) for each in found]


def _batch_row(told: tuple[CommandBatch, Iterable[tuple[str, str, bool]]]) -> BatchRow:
    batch, states = told
    return batch, progress_of(starmap(outcome, states)), -batch.amount


def _root(reader: Reader) -> str:
    """Where pages of refunds are: beside those of payments."""
    return f"{reader.payments_url.removesuffix('transactions/')}refunds/"


@lru_cache(maxsize=1024)
def _row(found: tuple[Any, ...], reader: Reader) -> SafeString:
    (_pk, public_id, state, amount, currency, reason, failure, pending, created_at, *told) = found
    trouble = refund_trouble(state, failure, pending)
    why = words_of(reason, REFUND_REASONS) or gettext("no reason given")
    words = f"{why} · {trouble}" if trouble else why
    cells = {
        "public_id": public_id,
        "badge": badge_cell("refund", state, "", reader.language),
        "amount": amount_cell(-amount, currency, reader.locale, muted=state not in LIVE),
        "reason": escape(words[:1].upper() + words[1:]),
        "created": moment_cell(created_at, reader.zone),
        **payment_cells(told, reader, page=f"{_root(reader)}{public_id}/{reader.back}"),
    }
    return fill_row("merchant/refunds/row.html", cells)
