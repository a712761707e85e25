"""Links with which a person sets the first password. Single use, 48 hours; only their hash is kept."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from billing.clock import now
from portal.accounts.user import User


class Invitation(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


def invite(*, user: User) -> str:
    """The address to hand to that person; earlier ones are dead from now on."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.filter(user=user, used_at=None).delete()
        Invitation.objects.create(
            user=user, digest=_digest(token), expires_at=now() + timedelta(seconds=settings.INVITATION_SECONDS)
        )
    return settings.PUBLIC_URL + reverse("account_invitation", args=[token])


def living_invitation(token: str) -> Invitation | None:
    """The invitation that this token opens, with its user; None for an unknown, used or old one."""
    found = Invitation.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=now(), user__disabled_at=None)
    return found.select_related("user").first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
