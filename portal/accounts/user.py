"""The person who signs in. What they may do comes from memberships (per merchant) and from ``staff_role``."""

from functools import partial
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from billing.clock import now
from billing.ids import new_id


class Theme(models.TextChoices):
    SYSTEM = "system", _("Same as my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with this e-mail (stored in lower case); without a password nobody can sign in as them."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "usr"), editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    # Empty for people of merchants, else a billing.access.roles.StaffRole.
    staff_role = models.CharField(max_length=20, blank=True)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    # One of settings.LANGUAGES; empty means what the browser asks for.
    language = models.CharField(max_length=16, blank=True)
    shortcuts_enabled = models.BooleanField(default=True)
    # IANA name; empty means the zone of the merchant on screen.
    timezone = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    password_changed_at = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="user_email_lower", condition=models.Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether this person may sign in at all."""
        return self.disabled_at is None

    # Set by django-otp's middleware: the authenticator that this request's session proved.
    otp_device: Any = None

    def is_verified(self) -> bool:
        return self.otp_device is not None

    @property
    def label(self) -> str:
        """How screens and the audit trail name this person."""
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Sessions are bound to what this person is: another password, role or a closed account ends them all.
        standing = f"{self.password}|{self.staff_role}|{self.disabled_at}"
        return salted_hmac("counterfoil.session", standing, secret=secret, algorithm="sha256").hexdigest()

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = now()

    def get_full_name(self) -> str:
        return self.label

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email
