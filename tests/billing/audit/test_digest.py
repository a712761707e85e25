"""The hash of a row, which must come out the same in every version to come."""

import hashlib
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from billing.audit.digest import canonical, digest
from billing.audit.models import GENESIS, AuditEvent

EVENT = AuditEvent(
    id=UUID(int=7),
    merchant_id=None,
    seq=1,
    occurred_at=datetime(2026, 11, 30, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    actor_kind="user",
    actor_id="7",
    actor_label="Édith",
    on_behalf_of="",
    request_id="req_1",
    address="192.0.2.7",
    action="refund.issued",
    object_type="payment",
    object_id="pay_1",
    before=None,
    after={"tags": ["b", "a"], "amount": 12, "open": True},
    reason="Asked for.",
    prev_hash=GENESIS,
    hash="of no account",
)
# Of the platform's first row, with its time in UTC to the microsecond.
TEXT = (
    '{"action":"refund.issued","actor_id":"7","actor_kind":"user","actor_label":"\\u00c9dith","address":"192.0.2.7",'
    '"after":{"amount":12,"open":true,"tags":["b","a"]},"before":null,"id":"00000000-0000-0000-0000-000000000007",'
    '"merchant_id":null,"object_id":"pay_1","object_type":"payment","occurred_at":"2026-11-30T01:04:05.000000+00:00",'
    f'"on_behalf_of":"","prev_hash":"{GENESIS}","reason":"Asked for.","request_id":"req_1","seq":1}}'
)


def test_it_is_sha256_of_every_column_but_itself_in_one_spelling():
    assert digest(EVENT) == hashlib.sha256(TEXT.encode("ascii")).hexdigest()


def test_numbers_that_json_does_not_have_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"amount": float("nan")})
