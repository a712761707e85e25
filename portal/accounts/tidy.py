"""What the sweeper does for people now and then: forgets what is over, closes what nobody uses."""

from django.db import transaction

from billing.clock import now
from portal.access.draft import Draft
from portal.accounts.known_device import KnownDevice
from portal.accounts.lockout import forget_old_buckets
from portal.accounts.session import Session
from portal.accounts.standing import close_unused_accounts
from portal.web.search.recent import forget_old_searches

EVERY_SECONDS = 3600


def tidy() -> None:
    """Safe to run anywhere, any number of times at once."""
    moment = now()
    with transaction.atomic():
        Session.objects.filter(expire_date__lt=moment).delete()
        Draft.objects.filter(expires_at__lt=moment).delete()
        KnownDevice.objects.filter(expires_at__lt=moment).delete()
    forget_old_buckets()
    forget_old_searches()
    close_unused_accounts()
