"""Asks for a second person."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from billing import clock
from billing.approvals.models import Approval, Cause
from billing.audit.actor import Actor
from billing.money import Money
from billing.outbox.publish import Fact, publish

EXPIRES_AFTER = timedelta(hours=72)


def digest_of(details: Mapping[str, Any]) -> str:
    """Of everything that whoever approves must have seen; JSON values only."""
    body = json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(body.encode("ascii")).hexdigest()


def request_approval(
    *,
    kind: str,
    object_id: str,
    merchant_id: int,
    livemode: bool,
    digest: str,
    cause: Cause,
    by: Actor,
    money: Money | None = None,
    limit_amount: int | None = None,
) -> Approval:
    """In the transaction that makes what waits for it, whose trail says that it was asked for."""
    now = clock.now()
    approval = Approval.objects.create(
        merchant_id=merchant_id,
        livemode=livemode,
        kind=kind,
        object_id=object_id,
        digest=digest,
        amount=money.minor if money else None,
        currency=money.currency if money else "",
        cause=cause,
        limit_amount=limit_amount,
        requested_by_kind=by.kind,
        requested_by_id=by.id,
        requested_by=by.label,
        requested_at=now,
        expires_at=now + EXPIRES_AFTER,
    )
    tell(approval)
    return approval


def tell(approval: Approval) -> None:
    """The outbox hears that the approval is asked for or decided."""
    told = {"object": approval.object_id, "decision": str(approval.decision), "kind": approval.kind}
    publish([Fact("approval.changed", approval.merchant_id, approval.livemode, approval.public_id, told)])
