"""What the audit log is asked for is found by an index, however long the chains are."""

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict

from billing.audit.models import AuditEvent
from portal.web.audit.listing import Face, load_listing
from portal.web.pagination import Cursor, ordered, parse_cursor, write_cursor

pytestmark = [pytest.mark.django_db, pytest.mark.as_owner]
ROWS = 4_000
_ROWS = f"""
INSERT INTO audit_event (id, merchant_id, seq, occurred_at, actor_kind, actor_id, actor_label, on_behalf_of, request_id,
                         address, action, object_type, object_id, reason, prev_hash, hash)
SELECT gen_random_uuid(), CASE i % 40 WHEN 39 THEN NULL ELSE i % 40 + 1 END, 1 + i / 40,
       timestamptz '2026-01-01' + i * interval '1 hour', 'user', 'usr_' || i % 200, 'Somebody', '', 'req_' || i, '',
       CASE WHEN i % 500 = 0 THEN 'merchant.described' ELSE 'tag.added' END,
       CASE WHEN i % 500 = 0 THEN 'merchant' ELSE 'tag' END, 'obj_' || i, '', repeat('0', 64 - length(i::text)) || i,
       repeat('1', 64 - length(i::text)) || i
  FROM generate_series(0, {ROWS - 1}) i
"""
OWN = Face("/log/", lambda event: "", {}, ZoneInfo("UTC"), merchant_id=1)
ALL = Face("/log/", lambda event: "", {}, ZoneInfo("UTC"))
MIDDLE = "cursor"
PLANS = [
    (OWN, "", "audit_chain_time"),
    (OWN, "sort=when", "audit_chain_time"),
    (OWN, "since=2026-02-01&until=2026-02-02", "audit_chain_time"),
    (OWN, MIDDLE, "audit_chain_time"),
    (OWN, "q=obj_400", "audit_object_id"),
    (OWN, "q=req_400", "audit_request"),
    (OWN, "person=usr_16", "audit_actor"),
    (ALL, "", "audit_time"),
    (ALL, "sort=when", "audit_time"),
    (ALL, "since=2026-02-01&until=2026-02-02", "audit_time"),
    (ALL, MIDDLE, "audit_time"),
    (ALL, "merchant=nobody", "audit_"),
    (ALL, "q=obj_400", "audit_object_id"),
    (ALL, "q=req_400", "audit_request"),
    (ALL, "person=usr_16", "audit_actor"),
    (ALL, "action=merchants", "audit_action"),
    (ALL, "object=merchant", "audit_object_type"),
]


def plan(face, query):
    events = AuditEvent.objects.all() if face.for_staff else AuditEvent.objects.for_merchant(face.merchant_id)
    if query == MIDDLE:
        middle = events.get(merchant_id=1, seq=ROWS // 80)
        order = load_listing(QueryDict(), events, face).order
        key = (middle.occurred_at, middle.seq, middle.pk)
        query = f"cursor={write_cursor(Cursor(True, 5, key), order)}"
    listing = load_listing(QueryDict(query), events, face)
    cursor = parse_cursor(listing.address.first("cursor"), listing.order)
    rows = ordered(listing.filters.qs, listing.order, after=cursor.key if cursor else None)
    return rows[: listing.size + 1].explain()


def test_every_filter_has_its_index():
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        cursor.execute("ANALYZE audit_event")
    plans = [(query, index, plan(face, query)) for face, query, index in PLANS]
    assert [(query, index, told) for query, index, told in plans if index not in told or "Seq Scan" in told] == []
