"""The list of connections of all merchants, newest first."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.providers.models import ProviderAccount, ProviderAccountQuerySet
from portal.web.counting import CountedPages, Found
from portal.web.pagination import Order
from portal.web.providers.card import Card
from portal.web.providers.needs import NEEDS
from portal.web.providers.page import cards_of
from portal.web.query_string import ListAddress
from portal.web.tables import ListTable, column

LIST_NAMES = ("q", "need", "mode", "size", "cursor")
_LONGEST_SEARCH = 200


class ConnectionTable(ListTable):
    merchant = column(_("Merchant"), "cf-col-merchant")
    account = column(_("Account"))
    status = column(_("Status"), "cf-col-status")
    event = column(_("Last event"), "cf-col-created cf-num")
    lag = column(_("Lag"), "cf-col-lag cf-num")
    run = column(_("Under way"), "cf-col-run")
    found = column(_("Found, 30 days"), "cf-col-count cf-num")

    orders = {"since": Order(("created_at", "id"), ("moment", "uuid"))}
    usual = "-since"


@dataclass(frozen=True)
class ConnectionListing(CountedPages):
    address: ListAddress
    table: ConnectionTable
    filters: Found

    @cached_property
    def rows(self) -> list[Card]:
        return cards_of(self.page.rows)

    @property
    def noun(self) -> str:
        return ngettext("connection", "connections", self.counted)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a search keeps of the address."""
        return [(name, value) for name in ("need", "mode") if (value := self.address.first(name))]

    @property
    def is_narrowed(self) -> bool:
        return any(self.address.first(name) for name in ("q", "need", "mode"))

    @property
    def tabs(self) -> list[tuple[Any, str, bool]]:
        """What a connection needs: label, address, and whether it is shown."""
        asked = self.address.first("need")
        needs = [("", _("All")), *((name, need.label) for name, need in NEEDS.items())]
        return [
            (label, self.address.having(need=name), name == (asked if asked in NEEDS else "")) for name, label in needs
        ]

    @property
    def search_text(self) -> str:
        return self.address.first("q")


def load_listing(path: str, query: QueryDict) -> ConnectionListing:
    address = ListAddress(path, query, LIST_NAMES)
    mode, need = address.first("mode"), address.first("need")
    text = address.first("q")[:_LONGEST_SEARCH].replace("\x00", "")
    found: ProviderAccountQuerySet = ProviderAccount.objects.select_related("merchant").defer("api_key")
    if text:
        merchants = Q(merchant__name__icontains=text) | Q(merchant__slug__startswith=text.lower())
        found = found.filter(merchants | Q(external_account=text) | Q(public_id=text))
    if mode in ("live", "test"):
        found = found.filter(livemode=mode == "live")
    if need in NEEDS:
        found = NEEDS[need].among(found)
    return ConnectionListing(address, ConnectionTable(address), Found(found))
