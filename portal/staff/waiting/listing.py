"""The list of one kind of what waits, across merchants or of one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from billing.access.verbs import P
from portal.staff.waiting.kinds import KINDS, LIVE, Kind, Waiting, rows_of
from portal.web.counting import CountedPages, Found
from portal.web.pagination import Fetch, Order, fetch_from
from portal.web.query_string import ListAddress

LIST_NAMES = ("mode", "merchant", "size", "cursor")
MODES = {"live": True, "test": False}


@dataclass(frozen=True, slots=True)
class Tab:
    label: Any
    url: str
    count: int
    current: bool
    urgent: bool


@dataclass(frozen=True)
class WaitingListing(CountedPages):
    address: ListAddress
    name: str
    can: Callable[[P], bool]

    @cached_property
    def filters(self) -> Found:
        return Found(rows_of(self.name, livemode=self.livemode, merchant=self.merchant))

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def livemode(self) -> bool | None:
        return MODES.get(self.address.first("mode"))

    @property
    def merchant(self) -> str:
        return self.address.first("merchant").replace("\x00", "")

    @property
    def order(self) -> Order:
        return Order((self.kind.moment, "id"), ("moment", "number"), descending=not self.kind.soonest_first)

    @property
    def fetch(self) -> Fetch:
        related = ("merchant", "payment") if self.kind.moment == "due_by" else ("merchant",)
        return fetch_from(self.filters.qs.select_related(*related), self.order)

    @cached_property
    def rows(self) -> list[Waiting]:
        return [self.kind.row(each) for each in self.page.rows]

    @property
    def live(self) -> str:
        return LIVE

    @property
    def sees_commands(self) -> bool:
        """Whether the reader may open the pages of money requests."""
        return self.can(P.OPS_COMMANDS_VIEW)

    @property
    def noun(self) -> str:
        return ngettext("row", "rows", self.counted)

    @property
    def scope(self) -> str:
        """Which part of the rows is shown, for people; empty for all."""
        words = {True: gettext("live mode"), False: gettext("test mode"), None: ""}[self.livemode]
        return ", ".join(filter(None, [self.merchant, words]))

    def tabs(self) -> list[Tab]:
        tabs = []
        for name, kind in KINDS.items():
            count = rows_of(name, livemode=self.livemode, merchant=self.merchant).count()
            url = waiting_url(name, livemode=self.livemode, merchant=self.merchant)
            tabs.append(Tab(kind.label, url, count, name == self.name, kind.family == "danger" and count > 0))
        return tabs


def load_listing(name: str, query: QueryDict, can: Callable[[P], bool]) -> WaitingListing:
    """Raises Http404 for a kind that does not exist."""
    if name not in KINDS:
        raise Http404
    address = ListAddress(reverse("ops:waiting", kwargs={"kind": name}), query, LIST_NAMES)
    return WaitingListing(address, name, can)


def list_context(listing: WaitingListing, **more: Any) -> dict[str, Any]:
    return {"listing": listing, **more}


def waiting_url(name: str, *, livemode: bool | None = None, merchant: str = "") -> str:
    """The address of the list that holds exactly what ``rows_of`` finds."""
    mode = "" if livemode is None else "live" if livemode else "test"
    query = QueryDict(mutable=True)
    query.update({key: value for key, value in (("mode", mode), ("merchant", merchant)) if value})
    return str(ListAddress(reverse("ops:waiting", kwargs={"kind": name}), query, LIST_NAMES))
