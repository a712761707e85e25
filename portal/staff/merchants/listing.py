"""The list of merchants with what staff need to know of each at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Greatest
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing import clock
from billing.figures.models import DailyFigures
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent
from billing.webhooks.queries import Backlog, backlogs
from portal.web.counting import CountedPages, Found
from portal.web.pagination import Order
from portal.web.query_string import ListAddress
from portal.web.tables import ListTable, column

LIST_NAMES = ("q", "sort", "size", "cursor")
_LONGEST_SEARCH = 200


class MerchantTable(ListTable):
    name = column(_("Merchant"), sorts=True)
    connections = column(_("Connections"), "cf-col-connections")
    payments = column(_("Payments today"), "cf-col-count cf-num")
    waiting = column(_("Events waiting"), "cf-col-count cf-num")
    dead = column(_("Dead letters"), "cf-col-count cf-num")
    event = column(_("Last event"), "cf-col-created cf-num")
    since = column(_("Since"), "cf-col-date cf-num", sorts=True)

    orders = {
        "name": Order(("name", "id"), ("text", "number"), descending=False),
        "since": Order(("created_at", "id"), ("moment", "number")),
    }
    usual = "name"


@dataclass(frozen=True, slots=True)
class Row:
    merchant: Merchant
    connections: list[ProviderAccount]
    payments: int
    test_payments: int
    backlog: Backlog
    last_event_at: datetime | None


@dataclass(frozen=True)
class MerchantListing(CountedPages):
    """Six queries, however many merchants a page has."""

    address: ListAddress
    table: MerchantTable
    filters: Found

    @cached_property
    def rows(self) -> list[Row]:
        merchants: list[Merchant] = self.page.rows
        ids = [merchant.pk for merchant in merchants]
        payments, waiting, last = _payments_today(merchants), backlogs(ids), _last_events(ids)
        connections: dict[int, list[ProviderAccount]] = {}
        for each in (
            ProviderAccount.objects.filter(merchant__in=ids).defer("api_key").order_by("-livemode", "created_at")
        ):
            connections.setdefault(each.merchant_id, []).append(each)
        return [
            Row(
                merchant=merchant,
                connections=connections.get(merchant.pk, []),
                payments=payments.get((merchant.pk, True), 0),
                test_payments=payments.get((merchant.pk, False), 0),
                backlog=waiting.get(merchant.pk, Backlog()),
                last_event_at=last.get(merchant.pk),
            )
            for merchant in merchants
        ]

    @property
    def noun(self) -> str:
        return ngettext("merchant", "merchants", self.counted)

    @property
    def search_text(self) -> str:
        return self.address.first("q")


def load_listing(path: str, query: QueryDict) -> MerchantListing:
    address = ListAddress(path, query, LIST_NAMES)
    text = address.first("q")[:_LONGEST_SEARCH].replace("\x00", "")
    found = Merchant.objects.all()
    if text:
        found = found.filter(Q(name__icontains=text) | Q(slug__startswith=text.lower()) | Q(public_id=text))
    return MerchantListing(address, MerchantTable(address), Found(found))


def _payments_today(merchants: Iterable[Merchant]) -> dict[tuple[int, bool], int]:
    """Of each merchant's own day, by mode."""
    now = clock.now()
    today = {merchant.pk: now.astimezone(merchant.zone).date() for merchant in merchants}
    days = [(now + timedelta(days=shift)).date() for shift in (-1, 0, 1)]
    counted = (
        DailyFigures.objects.filter(merchant__in=list(today), day__in=days)
        .values_list("merchant", "livemode", "day")
        .annotate(Sum("payments"))
    )
    return {(pk, livemode): payments for pk, livemode, day, payments in counted if day == today[pk]}


def _last_events(ids: Iterable[int]) -> dict[int, datetime]:
    def newest(livemode: bool) -> Subquery:
        events = WebhookEvent.objects.filter(merchant=OuterRef("pk"), livemode=livemode)
        return Subquery(events.order_by("-received_at", "-id").values("received_at")[:1])

    # The index of the list begins with merchant and mode, so each mode is looked up by itself.
    found = Merchant.objects.filter(pk__in=list(ids)).annotate(last=Greatest(newest(True), newest(False)))
    return {pk: last for pk, last in found.values_list("pk", "last") if last}
