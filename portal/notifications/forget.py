"""What people were told long ago is forgotten; what it was about stays where it is."""

from datetime import timedelta

from billing import clock
from portal.notifications.models import Notice

KEPT = timedelta(days=180)
EVERY = timedelta(days=1)
_AT_ONCE = 5_000


def forget_notices() -> int:
    """How many notices, with their mails. The rest of very many goes the next time."""
    old = Notice.objects.filter(created_at__lt=clock.now() - KEPT).order_by("pk").values("pk")[:_AT_ONCE]
    return Notice.objects.filter(pk__in=old).delete()[1].get("portal.Notice", 0)
