"""The second person decides. Under the lock of what is decided on: approving and withdrawing it cannot both win."""

import logging
from typing import Any

from billing import clock
from billing.access.verbs import P
from billing.approvals.kinds import Handling, Trail, handling_of
from billing.approvals.models import LONGEST_COMMENT, Approval, Decision
from billing.approvals.persons import is_same_person
from billing.approvals.request import tell
from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.merchants.authority import verbs_of
from billing.retry import StillLocked, commit

logger = logging.getLogger(__name__)
_DECIDES = frozenset({P.APPROVALS_DECIDE, P.OPS_APPROVALS_DECIDE})


class OwnRequest(Exception):
    """Whoever asks is not the one who approves."""


class SamePerson(Exception):
    """The account belongs to whoever asks, as somebody declared."""


class AlreadyDecided(Exception):
    """``approval`` says by whom and how."""

    def __init__(self, approval: Approval) -> None:
        super().__init__(f"{approval.public_id} is {approval.decision}")
        self.approval = approval


class ApprovalExpired(Exception):
    """Nobody decided in time."""


class RequestChanged(Exception):
    """What was asked for is not what it was: it needs another approval."""


class MayNotDecide(Exception):
    """The role that allowed it is gone."""


class CommentMissing(ValueError):
    """A rejection says why."""


class CommentTooLong(ValueError):
    """More than LONGEST_COMMENT characters."""


def approve(*, approval: Approval, by: Actor, comment: str = "") -> Approval:
    """It goes on. Raises OwnRequest, SamePerson, MayNotDecide, AlreadyDecided, ApprovalExpired, RequestChanged,
    CommentTooLong, StillLocked."""
    return _decide(approval, Decision.APPROVED, by, comment)


def reject(*, approval: Approval, by: Actor, comment: str) -> Approval:
    """It ends. Raises as approve() does, and CommentMissing."""
    if not comment.strip():
        raise CommentMissing
    return _decide(approval, Decision.REJECTED, by, comment)


def end_request(*, object_id: str, kind: str, decision: Decision, by: Actor) -> None:
    """What waited for approval was withdrawn, in the caller's transaction and under the lock of what was asked for."""
    pending = Approval.objects.select_for_update(of=("self",)).filter(
        kind=kind, object_id=object_id, decision=Decision.PENDING
    )
    for approval in pending:
        _write(approval, decision, by, "")


def expire_due() -> int:
    """Requests that nobody decided in time end; answers how many. What others hold for long ends the next time."""
    due = Approval.objects.filter(decision=Decision.PENDING, expires_at__lte=clock.now()).order_by("expires_at", "pk")
    return sum(_expire(approval) for approval in due)


def _expire(approval: Approval) -> bool:
    def work() -> bool:
        handling, target, locked = _lock(approval)
        if locked.decision != Decision.PENDING:
            return False
        _write(locked, Decision.EXPIRED, SYSTEM, "")
        _tell_all(locked, handling.refuse(target, Decision.EXPIRED, SYSTEM), SYSTEM)
        return True

    try:
        return commit(work)
    except StillLocked:
        logger.warning("%s is held by others: it expires later", approval.public_id)
        return False


def _decide(approval: Approval, decision: Decision, by: Actor, comment: str) -> Approval:
    comment = " ".join(comment.split())
    if len(comment) > LONGEST_COMMENT:
        raise CommentTooLong(f"{len(comment)} characters")

    def work() -> Approval:
        handling, target, locked = _lock(approval)
        _refuse(locked, by)
        if handling.digest(target) != locked.digest:
            raise RequestChanged(locked.public_id)
        _write(locked, decision, by, comment)
        approved = decision == Decision.APPROVED
        trail = handling.approve(target, by) if approved else handling.refuse(target, decision, by)
        if trail is None:
            raise AlreadyDecided(locked)
        _tell_all(locked, trail, by)
        return locked

    return commit(work)


def _lock(approval: Approval) -> tuple[Handling, Any, Approval]:
    handling = handling_of(approval.kind)
    target = handling.lock(approval.object_id)
    return handling, target, Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)


def _refuse(approval: Approval, by: Actor) -> None:
    if approval.decision != Decision.PENDING:
        raise AlreadyDecided(approval)
    if approval.expires_at <= clock.now():
        raise ApprovalExpired(approval.public_id)
    if by.id == approval.requested_by_id:
        raise OwnRequest(approval.public_id)
    if is_same_person(by.id, approval.requested_by_id):
        raise SamePerson(approval.public_id)
    if not _DECIDES & verbs_of(by.id, approval.merchant_id):
        raise MayNotDecide(by.id)


def _write(approval: Approval, decision: Decision, by: Actor, comment: str) -> None:
    approval.decision, approval.comment, approval.decided_at = decision, comment, clock.now()
    if decision != Decision.EXPIRED:
        approval.decided_by_kind, approval.decided_by_id, approval.decided_by = by.kind, by.id, by.label
    names = ("decision", "comment", "decided_at", "decided_by_kind", "decided_by_id", "decided_by")
    approval.save(update_fields=names)
    tell(approval)


def _tell_all(approval: Approval, trail: Trail | None, by: Actor) -> None:
    record(
        merchant_id=approval.merchant_id,
        actor=by,
        action=f"approval.{approval.decision}",
        object_type="approval",
        object_id=approval.public_id,
        before={"decision": Decision.PENDING},
        after={"decision": approval.decision, approval.kind: approval.object_id, "digest": approval.digest},
        reason=approval.comment,
    )
    if trail is not None:
        trail()
