"""Staff who look at a merchant's pages as its people see them: half an hour, in one session, changing nothing."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction

from billing.access.roles import VISITOR_VERBS, StaffRole
from billing.access.verbs import P
from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.clock import now
from billing.merchants.models import Merchant

if TYPE_CHECKING:
    from portal.accounts.user import User

LONGEST = timedelta(minutes=30)


class StaffVisit(models.Model):
    """``session`` is the public id of the session that began it: other browsers of the same person know nothing of it,
    and it ends with that session. It is over at ``until`` whether or not anybody has noted that in ``ended_at``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    session = models.CharField(max_length=40)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField(default=now, editable=False)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["session", "merchant", "-began_at"], name="staffvisit_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "merchant"], name="staffvisit_one_open", condition=models.Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="staffvisit_is_short", condition=models.Q(until__lte=models.F("began_at") + LONGEST)
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and now() < self.until

    @property
    def verbs(self) -> frozenset[P]:
        return VISITOR_VERBS


def newest_visit(user: "User", session: str, slug: str) -> StaffVisit | None:
    """The last one at that merchant in that session, over or not; None for whose role allows none (any more)."""
    if not session or not user.staff_role or P.OPS_MERCHANTS_ENTER not in StaffRole(user.staff_role).verbs:
        return None
    visits = StaffVisit.objects.filter(user_id=user.pk, session=session, merchant__slug=slug)
    return visits.select_related("merchant").order_by("-began_at").first()


def begin_visit(*, user: "User", session: str, merchant: Merchant, reason: str, by: Actor) -> StaffVisit:
    """A visit that begins now, or the one that is under way, whose end stays where it is."""
    moment = now()
    with transaction.atomic():
        lapsed = StaffVisit.objects.filter(session=session, merchant=merchant, ended_at=None, until__lte=moment)
        for over in lapsed.select_related("merchant", "user"):
            end_visit(visit=over, by=SYSTEM, because="its time was up")
        visit, began = StaffVisit.objects.get_or_create(
            session=session,
            merchant=merchant,
            ended_at=None,
            defaults={"user_id": user.pk, "began_at": moment, "until": moment + LONGEST},
        )
        if began:
            _record(visit, by, "visit.began", {"person": user.public_id, "until": visit.until}, reason=reason)
    return visit


def end_visit(*, visit: StaffVisit, by: Actor, because: str) -> bool:
    """Whether it was this call that ended it. ``because`` completes "It is over, …"."""
    with transaction.atomic():
        ended = bool(StaffVisit.objects.filter(pk=visit.pk, ended_at=None).update(ended_at=now()))
        if ended:
            _record(visit, by, "visit.ended", {"person": visit.user.public_id, "because": because})
    return ended


def on_behalf(actor: Actor, merchant: Merchant) -> Actor:
    return replace(actor, on_behalf_of=merchant.public_id)


def _record(visit: StaffVisit, by: Actor, action: str, after: dict[str, object], *, reason: str = "") -> None:
    # In the merchant's own chain: its people have a right to know who looked, when, and why.
    record(
        merchant_id=visit.merchant_id,
        actor=on_behalf(by, visit.merchant),
        action=action,
        object_type="visit",
        object_id=str(visit.pk),
        after=after,
        reason=reason,
    )
