"""Notes the end of visits that nobody left: their time was up, or their session is over."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from billing.audit.actor import SYSTEM
from billing.clock import now
from portal.access.visit import StaffVisit, end_visit
from portal.accounts.session import Session

EVERY = timedelta(minutes=1)
# The trail remembers them; these rows only say what is open, and to whom one has just ended.
_KEPT = timedelta(days=1)


def end_visits() -> int:
    """How many were ended. Pages refuse them from the first moment; this is for the record."""
    moment = now()
    session = Session.objects.filter(public_id=OuterRef("session"))
    ended = 0
    visits = StaffVisit.objects.filter(ended_at=None).annotate(session_lives=Exists(session))
    for visit in visits.select_related("merchant", "user"):
        if moment >= visit.until:
            ended += end_visit(visit=visit, by=SYSTEM, because="its time was up")
        elif not visit.session_lives:
            ended += end_visit(visit=visit, by=SYSTEM, because="the session ended")
    StaffVisit.objects.filter(ended_at__lt=moment - _KEPT).delete()
    return ended
