"""The list of money requests that a person should look at, across merchants, the oldest first."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing import clock
from billing.commands.doubts import DOUBTS, doubt_of, in_doubt, with_last_words
from billing.commands.models import MoneyCommand
from portal.staff.commands.words import last_words
from portal.web.counting import CountedPages, Found
from portal.web.events.lag import lag_text
from portal.web.pagination import Fetch, Order, fetch_from
from portal.web.query_string import ListAddress
from portal.web.tables import ListTable, Tab, column
from reports.status import STATUSES

LIST_NAMES = ("doubt", "size", "cursor")


class CommandTable(ListTable):
    doubt = column(_("State"), "cf-col-doubt")
    amount = column(_("Request"), "cf-col-amount cf-num")
    merchant = column(_("Merchant and payment"), "cf-col-owed")
    since = column(_("Since"), "cf-col-since cf-num", sorts=True)
    asked = column(_("Last asked"), "cf-col-asked cf-num")
    said = column(_("What the processor last said"))

    orders = {"since": Order(("since", "id"), ("moment", "number"), descending=False)}
    usual = "since"


@dataclass(frozen=True, slots=True)
class Row:
    """``said`` is what came of the last call, ``detail`` the processor's words for it."""

    command: MoneyCommand
    doubt: str
    passed: str
    said: str
    detail: str


@dataclass(frozen=True)
class CommandListing(CountedPages):
    address: ListAddress
    table: CommandTable
    filters: Found

    @property
    def fetch(self) -> Fetch:
        return fetch_from(with_last_words(self.filters.qs.select_related("merchant", "payment")), self.order)

    @cached_property
    def rows(self) -> list[Row]:
        return [_row(command) for command in self.page.rows]

    @property
    def noun(self) -> str:
        return ngettext("request", "requests", self.counted)

    @property
    def doubt(self) -> str:
        asked = self.address.first("doubt")
        return asked if asked in DOUBTS else ""

    @cached_property
    def tabs(self) -> list[Tab]:
        now = clock.now()
        counts = in_doubt().aggregate(**{name: Count("pk", filter=doubt(now)) for name, doubt in DOUBTS.items()})
        tabs = [Tab(_("All"), self.address.having(doubt=""), not self.doubt, sum(counts.values()))]
        for name, status in STATUSES["doubt"].items():
            urgent = status.family == "danger" and counts[name] > 0
            url = self.address.having(doubt=name)
            tabs.append(Tab(status.label, url, self.doubt == name, counts[name], urgent=urgent))
        return tabs


def load_listing(path: str, query: QueryDict) -> CommandListing:
    address = ListAddress(path, query, LIST_NAMES)
    doubt = address.first("doubt")
    found = in_doubt(doubt) if doubt in DOUBTS else in_doubt()
    return CommandListing(address, CommandTable(address), Found(found))


def _row(command: Any) -> Row:
    said, detail = last_words(command.call, command.reply, command.detail)
    passed = lag_text((clock.now() - command.since).total_seconds())
    return Row(command, doubt_of(command), passed, said, detail)
