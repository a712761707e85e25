"""What proves that a person is the person, beside the password: an authenticator app, or one of ten codes on paper."""

import uuid
from base64 import b32encode
from typing import ClassVar
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.utils.crypto import constant_time_compare
from django_otp.models import Device
from django_otp.oath import hotp

from billing.clock import now
from billing.crypto import EncryptedField, reveal

STEP_SECONDS = 30
DIGITS = 6
# One step early or late: clocks of phones differ, and people type slowly.
TOLERANCE = (0, -1, 1)
ISSUER = "Counterfoil"


class Authenticator(Device):
    """A TOTP key (RFC 6238) in somebody's app. Each code is good once, and none older than the last one used."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # 40 hexadecimal digits, sealed.
    key = EncryptedField()
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "confirmed"], name="authenticator_one_of_a_kind"),
        ]

    @property
    def persistent_id(self) -> str:
        # django-otp looks devices up by int().
        return f"{self.model_label()}/{self.id.int}"

    def verify_token(self, token: str) -> bool:
        """Uses the code up, if it is right. The caller holds this row's lock (django_otp.verify_token does)."""
        current = current_step()
        for offset in TOLERANCE:
            step = current + offset
            if step > self.last_step and constant_time_compare(token, self.code(step)):
                self.last_step = step
                self.last_used_at = now()
                self.save(update_fields=["last_step", "last_used_at"])
                return True
        return False

    def code(self, step: int) -> str:
        return f"{hotp(bytes.fromhex(self._secret()), step, DIGITS):0{DIGITS}d}"

    @property
    def typed_secret(self) -> str:
        """The key as an authenticator app takes it from a keyboard, in groups of four."""
        base32 = b32encode(bytes.fromhex(self._secret())).decode()
        return " ".join(base32[at : at + 4] for at in range(0, len(base32), 4))

    @property
    def uri(self) -> str:
        """What the QR code says (the key URI format of authenticator apps)."""
        label = quote(f"{ISSUER}:{self.user.email}")
        return f"otpauth://totp/{label}?secret={self.typed_secret.replace(' ', '')}&issuer={ISSUER}"

    def _secret(self) -> str:
        secret = reveal(self, "key")
        if secret is None:
            raise ValueError("An authenticator without a key.")
        return secret


class StaticCode(models.Model):
    """One of ten codes that sign in once each, for the day the phone is gone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="static_codes")
    # One salt a set: checking a code costs one hash, not ten.
    salt = models.BinaryField()
    digest = models.BinaryField()
    created_at = models.DateTimeField(default=now, editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user"], name="static_code_unused", condition=models.Q(used_at=None))
        ]


def current_step() -> int:
    return int(now().timestamp()) // STEP_SECONDS
