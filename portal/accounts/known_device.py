"""Browsers that signed in before. Their failures count in a bucket of their own, so strangers cannot lock them out."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core import signing
from django.db import models
from django.http import HttpRequest, HttpResponseBase

from billing.clock import now
from billing.ids import new_id
from portal.accounts.device_label import device_label, device_words
from portal.accounts.user import User
from portal.web.address import client_address

REMEMBERED = timedelta(days=30)
_BRIEFLY = timedelta(days=1)
_SALT = "counterfoil.known-device"


class KnownDevice(models.Model):
    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "dev"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_devices")
    label = models.CharField(max_length=80)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    @property
    def words(self) -> str:
        return device_words(self.label)


def cookie_name() -> str:
    return "__Host-device" if settings.HTTPS else "device"


def known_device(request: HttpRequest, email: str) -> KnownDevice | None:
    """The device of this request, if that account signed in on it and has not revoked it."""
    try:
        public_id = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=_SALT)
    except signing.BadSignature:
        return None
    return KnownDevice.objects.filter(public_id=public_id, user__email=email.lower(), expires_at__gt=now()).first()


def remember_device(*, request: HttpRequest, response: HttpResponseBase, user: User, days: bool) -> KnownDevice:
    """Notes the browser of a complete sign-in: for 30 days if asked for, else until it closes, or for a day."""
    moment = now()
    device = known_device(request, user.email) or KnownDevice(user=user, expires_at=moment)
    device.expires_at = max(device.expires_at, moment + (REMEMBERED if days else _BRIEFLY))
    device.label = device_label(request.META.get("HTTP_USER_AGENT", ""))
    device.address = client_address(request)
    device.last_used_at = moment
    device.save()
    left = device.expires_at - moment
    response.set_cookie(
        cookie_name(),
        signing.dumps(device.public_id, salt=_SALT),
        # A device that was remembered earlier stays so, without a tick at every sign-in.
        max_age=int(left.total_seconds()) if left > _BRIEFLY else None,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return device
