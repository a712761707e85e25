"""Reading approvals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from billing import clock
from billing.access.verbs import P
from billing.approvals.models import Approval, ApprovalQuerySet, Decision
from billing.approvals.persons import is_same_person
from billing.compiled import Compiled
from billing.merchants.authority import verbs_of
from billing.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many requests wait for somebody, and when the first of them ends."""

    count: int
    soonest: datetime | None


def approval_of(kind: str, object_id: str) -> Approval | None:
    """The one that this object needs or needed; None where nobody had to be asked."""
    return Approval.objects.filter(kind=kind, object_id=object_id).first()


def approvals_of(object_ids: Iterable[str]) -> dict[tuple[str, str], Approval]:
    """As approval_of(), by kind and object."""
    return {(each.kind, each.object_id): each for each in Approval.objects.filter(object_id__among=object_ids)}


def still_stands(approval: Approval) -> bool:
    """Whether it was approved by somebody who could still do so now."""
    if approval.decision != Decision.APPROVED or is_same_person(approval.decided_by_id, approval.requested_by_id):
        return False
    decides = {P.APPROVALS_DECIDE, P.OPS_APPROVALS_DECIDE}
    return bool(decides & verbs_of(approval.decided_by_id, approval.merchant_id))


def is_waiting(approval: Approval) -> bool:
    """Whether somebody can still decide: its time may be over before anybody has noted that."""
    return approval.decision == Decision.PENDING and clock.now() < approval.expires_at


def waiting(merchant: Merchant, livemode: bool) -> Backlog:
    """At one merchant in one mode."""
    return _told(_WAITING(merchant.pk, clock.now(), livemode=livemode))


def waiting_anywhere() -> Backlog:
    """At all merchants, in both modes."""
    return _told(_WAITING_ANYWHERE(clock.now()))


def _waiting(merchant: int, now: datetime, *, livemode: bool) -> QuerySet[Any, Any]:
    return _by_decision(Approval.objects.for_merchant(merchant, livemode), now)


def _waiting_anywhere(now: datetime) -> QuerySet[Any, Any]:
    return _by_decision(Approval.objects.all(), now)


def _by_decision(approvals: ApprovalQuerySet, now: datetime) -> QuerySet[Any, Any]:
    pending = approvals.filter(decision=Decision.PENDING, expires_at__gt=now)
    found: QuerySet[Any, Any] = pending.values_list("decision").annotate(Count("pk"), Min("expires_at"))
    return found


_WAITING, _WAITING_ANYWHERE = Compiled(_waiting), Compiled(_waiting_anywhere)


def _told(found: Iterable[tuple[str, int, datetime]]) -> Backlog:
    return next((Backlog(count, soonest) for _decision, count, soonest in found), Backlog(0, None))
