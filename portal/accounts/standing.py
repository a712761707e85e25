"""Closes accounts and opens them again."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce

from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.clock import now
from portal.accounts.change_password import end_sessions
from portal.accounts.user import User


def close_account(*, user: User, by: Actor, reason: str) -> None:
    """Nobody can sign in with it any more, and whoever is signed in is out."""
    with transaction.atomic():
        closed = User.objects.filter(pk=user.pk, disabled_at=None).update(disabled_at=now(), disabled_reason=reason)
        if closed:
            end_sessions(user=user)
            _record(by, user, "person.closed", reason)


def open_account(*, user: User, by: Actor, reason: str) -> bool:
    """Whether it was closed."""
    with transaction.atomic():
        opened = User.objects.filter(pk=user.pk).exclude(disabled_at=None)
        # Counted as used today, else the next round would close it again.
        changed = opened.update(disabled_at=None, disabled_reason="", last_login=now())
        if changed:
            _record(by, user, "person.opened", reason)
    return bool(changed)


def close_unused_accounts() -> int:
    """Accounts that nobody signed in with for 90 days (PCI DSS 8.2.6). How many were closed."""
    if settings.DEMO:
        return 0
    limit = now() - timedelta(days=settings.ACCOUNT_UNUSED_DAYS)
    unused = User.objects.filter(disabled_at=None).annotate(used=Coalesce("last_login", "created_at"))
    people = list(unused.filter(used__lt=limit)[:100])
    for user in people:
        close_account(user=user, by=SYSTEM, reason=f"Not used for {settings.ACCOUNT_UNUSED_DAYS} days")
    return len(people)


def _record(by: Actor, user: User, action: str, reason: str) -> None:
    record(merchant_id=None, actor=by, action=action, object_type="user", object_id=user.public_id, reason=reason)
