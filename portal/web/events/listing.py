"""The list of incoming events at one address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.webhooks.models import Origin, WebhookEventQuerySet
from billing.webhooks.queries import Backlog, list_rows, stuck
from portal.web.counting import CountedPages
from portal.web.events.filters import LIST_NAMES, EventFilters, EventPanel
from portal.web.events.lag import lag_text
from portal.web.pagination import Fetch, Key, Order, fetch_from
from portal.web.query_string import ListAddress
from portal.web.tables import ListTable, Tab, column
from reports.dates import datetime_text, iso_utc
from reports.status import event_value
from reports.templatetags.status import status


class EventTable(ListTable):
    state = column(_("State"), "cf-col-state")
    type = column(_("Type"))
    object = column(_("Object"), "cf-col-object")
    merchant = column(_("Merchant"), "cf-col-customer")
    attempts = column(_("Attempts"), "cf-col-attempts cf-num")
    lag = column(_("Lag"), "cf-col-lag cf-num")
    received = column(_("Received"), "cf-col-received cf-num", sorts=True)

    # Nothing but the time of arrival sorts a log; it needs no links to say so.
    orders = {"received": Order(("received_at", "id"), ("moment", "number"))}
    usual = "-received"


@dataclass(frozen=True, slots=True)
class Row:
    public_id: str
    url: str
    badge: SafeString
    type: str
    object_type: str
    object_id: str
    merchant: str
    mode: str
    attempts: int
    lag: str
    received: str
    received_utc: str
    imported: bool


@dataclass(frozen=True)
class EventListing(CountedPages):
    """``all_events`` are those that the reader may see, whatever the filters say."""

    all_events: WebhookEventQuerySet
    address: ListAddress
    table: EventTable
    filters: EventFilters
    zone: tzinfo
    for_staff: bool

    @property
    def fetch(self) -> Fetch:
        return fetch_from(list_rows(self.filters.qs), self.order)

    def key_of_fetched(self, row: tuple[Any, ...]) -> Key:
        return row[9], row[0]

    @cached_property
    def rows(self) -> Sequence[Row]:
        back = f"?back={quote(str(self.address))}"
        language = get_language() or ""
        return [_row(each, f"{self.base_url}{each[1]}/{back}", self.zone, language) for each in self.page.rows]

    @cached_property
    def stuck(self) -> Backlog:
        return stuck(self.all_events)

    @property
    def tabs(self) -> list[Tab]:
        """All events, and with their numbers those that somebody must look at and those that wait."""
        chosen = self.filters.chosen("state")
        waiting, dead = self.stuck.waiting, self.stuck.dead
        return [
            Tab(_("All events"), self.base_url, not chosen),
            Tab(
                _("Dead letters"),
                f"{self.base_url}?state=dead_letter",
                chosen == ["dead_letter"],
                dead,
                urgent=dead > 0,
            ),
            Tab(_("Waiting"), f"{self.base_url}?state=waiting", chosen == ["waiting"], waiting),
        ]

    @property
    def replay_query(self) -> str:
        """What the form for a range begins with, so that it means the rows that are shown as far as it can."""
        period = self.filters.period
        asked = {name: self.filters.value(name) for name in ("type", "merchant", "mode") if self.filters.value(name)}
        for name in ("since", "until"):
            moment = getattr(period, name) if period else None
            if moment:
                asked[name] = moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")
        if self.filters.chosen("state") == ["dead_letter"]:
            asked["only_dead"] = "on"
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def noun(self) -> str:
        return ngettext("event", "events", self.counted)

    @property
    def heads(self) -> list[Any]:
        return [head for head in self.table.heads() if self.for_staff or head.label != _("Merchant")]


def load_listing(
    path: str,
    query: QueryDict,
    events: WebhookEventQuerySet,
    *,
    accounts: Any,
    zone: tzinfo,
    for_staff: bool = False,
) -> EventListing:
    """``events`` and ``accounts`` are what the reader may see."""
    address = ListAddress(path, query, LIST_NAMES)
    filters = EventFilters(address, events, zone=zone, now=clock.now(), accounts=accounts)
    return EventListing(events, address, EventTable(address), filters, zone, for_staff)


def list_context(listing: EventListing, **more: Any) -> dict[str, Any]:
    panel = EventPanel(listing.filters, for_staff=listing.for_staff)
    return {"listing": listing, "filters": panel, "form": listing.filters.form, "table": listing.table, **more}


def _row(found: tuple[Any, ...], url: str, zone: tzinfo, language: str) -> Row:
    (_pk, public_id, state, attempts, outcome, type_, object_type, object_id, occurred_at, received_at) = found[:10]
    livemode, _slug, merchant, origin = found[10:]
    return Row(
        public_id=public_id,
        url=url,
        badge=_badge(event_value(state=state, attempts=attempts, outcome=outcome), language),
        type=type_,
        object_type=object_type.replace("_", " "),
        object_id=object_id,
        merchant=merchant,
        mode="live" if livemode else "test",
        attempts=attempts,
        lag=lag_text((received_at - occurred_at).total_seconds()),
        received=datetime_text(received_at, zone, seconds=True),
        received_utc=iso_utc(received_at),
        imported=origin == Origin.IMPORTED,
    )


@lru_cache(maxsize=64)
def _badge(value: str, language: str) -> SafeString:
    return status("event", value)
