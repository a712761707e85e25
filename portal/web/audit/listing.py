"""The audit log at one address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.audit.models import AuditEvent, AuditEventQuerySet
from billing.merchants.models import Merchant
from portal.web.audit.actions import ACTIONS, action_text
from portal.web.audit.chain import Verification, chain_key, chain_text
from portal.web.audit.fields import Change, changes
from portal.web.audit.filters import CHAINS, LIST_NAMES, PLATFORM, AuditFilters, AuditPanel
from portal.web.audit.objects import KINDS, Finder, Named
from portal.web.counting import CountedPages
from portal.web.pagination import Fetch, Key, Order, fetch_from
from portal.web.query_string import ListAddress
from portal.web.tables import ListTable, Tab, column
from reports.dates import datetime_text, iso_utc

Text = str | Promise
PERSONAL = "personal-data"
# So many rows are exported at once: those take a few seconds.
LONGEST = 50_000
# In the place of a chain, for an act that is about all of them.
ALL_CHAINS = "all"
# By the kind of actor: an icon, and what stands below the name.
_ACTORS: Mapping[str, tuple[str, Text]] = {
    "user": ("user", _("member")),
    "staff": ("shield", _("staff")),
    "system": ("settings", _("by itself")),
    "command": ("code", _("command")),
}


class AuditTable(ListTable):
    when = column(_("When"), "cf-col-when", sorts=True)
    who = column(_("Who"), "cf-col-actor")
    what = column(_("What"), "cf-col-act")
    object = column(_("Object"), "cf-col-subject")
    change = column(pgettext_lazy("what an act did", "Change"))
    address = column(pgettext_lazy("address", "From"), "cf-col-from")
    number = column(_("No."), "cf-col-seq cf-num")

    # Rows of one chain may have a moment in common; those of two chains their numbers, too.
    orders = {"when": Order(("occurred_at", "seq", "id"), ("moment", "number", "uuid"))}
    usual = "-when"


@dataclass(frozen=True)
class Face:
    """What the two audit logs do not share. ``list_url`` is the list's address, ``row_url`` that of one row's page.

    ``finders`` are of portal.web.audit.objects. ``merchant_id`` is whose chain a merchant's people read, and None for
    staff, who read all of them. Merchants do not learn where staff sit.
    """

    list_url: str
    row_url: Callable[[AuditEvent], str]
    finders: Mapping[str, Finder]
    zone: tzinfo
    merchant_id: int | None = None

    @property
    def for_staff(self) -> bool:
        return self.merchant_id is None


@dataclass(frozen=True)
class Row:
    """One act as people read it. ``utc`` is empty where ``when`` is that already. ``on_behalf`` names whose place was
    taken, ``chain`` whose chain the row is of."""

    event: AuditEvent
    url: str
    when: str
    when_iso: str
    utc: str
    icon: str
    actor_kind: Text
    on_behalf: str
    what: Text
    is_described: bool
    object: str
    object_kind: Text
    object_url: str
    chain: str
    changes: Sequence[Change]
    address: str

    @property
    def actor(self) -> str:
        """Who it was, as briefly as a column wants it."""
        return self.event.actor_id if self.event.actor_kind == "command" else self.event.actor_label

    @property
    def is_named(self) -> bool:
        """Whether the object is called by a name, and not by an id."""
        return self.object != self.event.object_id or self.event.object_type == "tag"

    @property
    def key(self) -> str:
        """Names the row among all chains."""
        return f"{chain_key(self.event.merchant_id)}-{self.event.seq}"

    @property
    def change(self) -> Change | None:
        return self.changes[0] if self.changes else None

    @property
    def further(self) -> int:
        """How many changes there are beside the first."""
        return max(len(self.changes) - 1, 0)


@dataclass(frozen=True)
class AuditListing(CountedPages):
    address: ListAddress
    table: AuditTable
    filters: AuditFilters
    face: Face
    events: AuditEventQuerySet

    @property
    def fetch(self) -> Fetch:
        return fetch_from(self.filters.qs, self.order)

    def key_of_fetched(self, row: AuditEvent) -> Key:
        return row.occurred_at, row.seq, row.pk

    @cached_property
    def rows(self) -> Sequence[Row]:
        return read_rows(self.page.rows, self.face, back=str(self.address))

    @cached_property
    def verification(self) -> Verification:
        return Verification(self.chains, self.events, self.face.row_url)

    @property
    def chains(self) -> list[int | None] | None:
        """Those that the reader looks at; None for all."""
        if not self.face.for_staff:
            return [self.face.merchant_id]
        if self.filters.value("chain") == PLATFORM:
            return [None]
        return [self.filters.merchant_id] if self.filters.value("merchant") and self.is_valid else None

    @property
    def noun(self) -> str:
        return ngettext("row", "rows", self.counted)

    @property
    def export_url(self) -> str:
        """Where all pages of this list become a file."""
        return self._beside("export/")

    @property
    def longest_file(self) -> int:
        """How many rows it has at most."""
        return LONGEST

    @property
    def verify_url(self) -> str:
        return self._beside("verify/")

    @property
    def chain_url(self) -> str:
        return self._beside("_/chain/")

    @property
    def heads_url(self) -> str:
        return f"{self.base_url}heads/"

    def _beside(self, place: str) -> str:
        return self.start_url.replace(self.base_url, f"{self.base_url}{place}", 1)

    @property
    def tabs(self) -> list[Tab]:
        base, chosen = self.base_url, self.filters.chosen("action")
        platform = self.face.for_staff and self.filters.value("chain") == PLATFORM
        tabs = [
            Tab(_("All acts"), base, not chosen and not platform),
            Tab(_("Personal data shown"), f"{base}?action={PERSONAL}", chosen == [PERSONAL]),
        ]
        if self.face.for_staff:
            tabs.append(Tab(CHAINS[PLATFORM], f"{base}?chain={PLATFORM}", platform))
        return tabs


def load_listing(query: QueryDict, events: AuditEventQuerySet, face: Face) -> AuditListing:
    """``events`` are what the reader may see."""
    names = LIST_NAMES if face.for_staff else tuple(name for name in LIST_NAMES if name not in ("merchant", "chain"))
    address = ListAddress(face.list_url, query, names)
    filters = AuditFilters(address, events, zone=face.zone, now=clock.now())
    return AuditListing(address, AuditTable(address), filters, face, events)


def list_context(listing: AuditListing, **more: Any) -> dict[str, Any]:
    panel = AuditPanel(listing.filters, for_staff=listing.face.for_staff)
    return {"listing": listing, "filters": panel, "form": listing.filters.form, "table": listing.table, **more}


def read_rows(events: Sequence[AuditEvent], face: Face, *, back: str = "") -> list[Row]:
    """Rows of the trail in words. What they name is looked up for all of them at once."""
    named, merchants = Named(events, face.finders), _merchants(events)
    suffix = f"?back={quote(back)}" if back else ""
    return [_row(event, named, merchants, face, suffix) for event in events]


def _row(event: AuditEvent, named: Named, merchants: "_Merchants", face: Face, suffix: str) -> Row:
    utc = datetime_text(event.occurred_at, UTC, seconds=True)
    local = datetime_text(event.occurred_at, face.zone, seconds=True)
    icon, actor_kind = _ACTORS.get(event.actor_kind, ("circle", event.actor_kind))
    return Row(
        event=event,
        url=face.row_url(event) + suffix,
        when=local,
        when_iso=iso_utc(event.occurred_at),
        utc="" if utc == local else _without_day(utc, local),
        icon=icon,
        actor_kind=actor_kind,
        on_behalf=merchants.names.get(event.on_behalf_of, event.on_behalf_of),
        what=action_text(event.action),
        is_described=event.action in ACTIONS,
        object=merchants.chain_named(event) or named.text(event),
        object_kind=KINDS.get(event.object_type, event.object_type),
        object_url=named.url(event),
        chain=chain_text(event.merchant_id, merchants.by_number),
        changes=changes(event, face.zone, named.people),
        address=address_of(event, face),
    )


def _without_day(utc: str, local: str) -> str:
    """The day is said once unless it is another one there."""
    day, _comma, clock_there = utc.rpartition(", ")
    return clock_there if local.startswith(f"{day}, ") else utc


def address_of(event: AuditEvent, face: Face) -> str:
    return event.address if face.for_staff or event.actor_kind != "staff" else ""


@dataclass(frozen=True)
class _Merchants:
    by_number: Mapping[int, str]
    names: Mapping[str, str]

    def chain_named(self, event: AuditEvent) -> str:
        """Whose chain an act is about; empty where it is about something else."""
        if event.object_type != "audit_chain":
            return ""
        if event.object_id == ALL_CHAINS:
            return gettext("All chains")
        return chain_text(_chain_number(event), self.by_number)


def _chain_number(event: AuditEvent) -> int | None:
    named = event.object_id if event.object_type == "audit_chain" else ""
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None


def _merchants(events: Iterable[AuditEvent]) -> _Merchants:
    """Those whose chains these rows are of, and in whose place somebody acted there."""
    numbers = {number for event in events for number in (event.merchant_id, _chain_number(event)) if number is not None}
    found = list(Merchant.objects.filter(pk__in=numbers).values_list("pk", "public_id", "name")) if numbers else []
    return _Merchants({pk: name for pk, _id, name in found}, {public_id: name for _pk, public_id, name in found})
