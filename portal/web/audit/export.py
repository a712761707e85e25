"""The audit log as a file: the rows of the list in its order, as they are recorded."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC
from typing import IO, Any

from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.models import AuditEvent
from billing.audit.record import record
from portal.web.audit.actions import action_text
from portal.web.audit.chain import chain_key
from portal.web.audit.listing import ALL_CHAINS, LONGEST, AuditListing, address_of
from portal.web.pagination import ordered
from reports.render.csv import csv_row

COLUMNS = (
    *("chain", "number", "at_utc", "at_local", "timezone", "actor_kind", "actor_id", "actor", "on_behalf_of"),
    *("address", "action", "action_text", "object_type", "object_id", "before", "after", "reason", "request_id"),
    *("previous_hash", "hash"),
)
# What somebody looked for may be a person: the trail keeps that they did, and not whom.
_NOT_TOLD = {"q", "person"}


class TooManyRows(Exception):
    """More than LONGEST rows: they are exported in parts, by date for instance, and never cut."""


@dataclass(frozen=True)
class Exported:
    """``file`` stands at its beginning and vanishes when it is closed."""

    file: IO[bytes]
    rows: int
    sha256: str


def export_audit(*, listing: AuditListing, by: Actor) -> Exported:
    """All pages of the list in one file. That it was made is recorded before anybody gets it. Raises TooManyRows."""
    found = ordered(listing.filters.qs, listing.order)
    if found.values("pk")[: LONGEST + 1].count() > LONGEST:
        raise TooManyRows
    with ExitStack() as unless_sent, transaction.atomic():
        # Whoever sends the file closes it, unless it is not made to its end.
        file = unless_sent.enter_context(tempfile.TemporaryFile())
        # One statement, and so one moment.
        rows, sha256 = _write(file, _lines(found[: LONGEST + 1].iterator(chunk_size=1000), listing))
        # Some may have come since they were counted.
        if rows > LONGEST:
            raise TooManyRows
        record(
            merchant_id=listing.face.merchant_id,
            actor=by,
            action="audit.exported",
            object_type="audit_chain",
            object_id=ALL_CHAINS if listing.chains is None else chain_key(listing.chains[0]),
            after={"rows": rows, "sha256": sha256, "filters": _told(listing.address.params)},
        )
        file.seek(0)
        unless_sent.pop_all()
    return Exported(file, rows, sha256)


def _write(file: IO[bytes], lines: Iterator[bytes]) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), -1
    for line in lines:
        digest.update(line)
        file.write(line)
        rows += 1
    return rows, digest.hexdigest()


def _lines(events: Iterable[AuditEvent], listing: AuditListing) -> Iterator[bytes]:
    """The heading, then a line for each row."""
    yield csv_row(COLUMNS)
    zone = listing.face.zone
    for event in events:
        moment, local = event.occurred_at.astimezone(UTC), event.occurred_at.astimezone(zone)
        yield csv_row(
            (
                *(chain_key(event.merchant_id), event.seq, _iso_utc(moment), local.isoformat(), str(zone)),
                *(event.actor_kind, event.actor_id, event.actor_label, event.on_behalf_of),
                *(address_of(event, listing.face), event.action, str(action_text(event.action))),
                *(event.object_type, event.object_id, _json(event.before), _json(event.after)),
                *(event.reason, event.request_id, event.prev_hash, event.hash),
            )
        )


def _iso_utc(moment: Any) -> str:
    # With its microseconds, which the hash covers.
    return str(moment.isoformat(timespec="microseconds")).replace("+00:00", "Z")


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _told(params: Mapping[str, list[str]]) -> dict[str, Any]:
    left_out = {"size", "cursor"}
    return {name: "…" if name in _NOT_TOLD else values for name, values in params.items() if name not in left_out}
