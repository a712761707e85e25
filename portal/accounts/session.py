"""One signed-in browser (or one that is about to sign in)."""

from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from billing.clock import now
from billing.ids import new_id
from portal.accounts.device_label import device_words

if TYPE_CHECKING:
    from portal.accounts.user import User


class Session(AbstractBaseSession):
    # What /me/sessions/ names a session by: the key itself opens it.
    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "ses"), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions"
    )
    created_at = models.DateTimeField(default=now, editable=False)
    last_seen_at = models.DateTimeField(default=now)
    signed_in_at = models.DateTimeField(null=True)
    # When this browser last proved the second factor.
    factor_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)

    @property
    def device_words(self) -> str:
        return device_words(self.device)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-last_seen_at"], name="session_user_seen")
        ]

    @classmethod
    def living(cls, user: "User") -> "models.QuerySet[Session]":
        """Sessions of this person that are not over."""
        idle = now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        begun = now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return cls.objects.filter(user=user, last_seen_at__gte=idle, signed_in_at__gte=begun)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
