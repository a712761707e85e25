"""Where allauth asks for our rules."""

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.access.way_back import is_ours
from portal.accounts import notices
from portal.accounts.after_response import after_response
from portal.accounts.change_password import change_password
from portal.accounts.known_device import known_device
from portal.accounts.language import language_for
from portal.accounts.lockout import TooManyAttempts, account_key, book_attempt, confirm_failure, take_back
from portal.accounts.user import User
from portal.web.address import client_address

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail or the password is wrong."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "rate_limited": _("Too many requests. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def is_safe_url(self, url: str | None) -> bool:
        # allauth would also go wherever ALLOWED_HOSTS points, such as other names of the operator's domain.
        return bool(url) and is_ours(self.request, str(url))

    def get_login_stages(self) -> list[str]:
        return ["allauth.account.stages.EmailVerificationStage", "portal.accounts.stages.SecondFactorStage"]

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        if address is None:
            # A limiter that cannot tell who asks refuses.
            raise PermissionDenied("The client's address is unknown.")
        return address

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        email = str(credentials.get("email", ""))
        device = known_device(request, email)
        try:
            attempt = book_attempt(email=email, device=device.public_id if device else "")
        except TooManyAttempts as closed:
            raise too_many(closed) from None
        try:
            user: User | None = super().authenticate(request, **credentials)
        except ValidationError:
            # allauth's own limit refused before any password was checked.
            take_back(attempt)
            raise
        if user:
            take_back(attempt)
        elif confirm_failure(attempt, email=email):
            notices.account_locked(request, email)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise
        except Exception:
            log.exception("sign_in.limiter_unreadable")
            raise self.validation_error("too_many_login_attempts") from None

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        with language_for(context.get("user") or User.objects.filter(email=email.lower()).first()):
            message = self.render_mail(template_prefix, email, {"email": email, **context})
        self._post(message)

    def send_account_already_exists_mail(self, email: str) -> None:
        facts = {"password_reset_url": settings.PUBLIC_URL + reverse("account_reset_password")}
        self.send_mail("account/email/account_already_exists", email, facts)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our own pages say what has happened."""

    def set_password(self, user: User, password: str) -> None:
        change_password(user=user, password=password, request=self.request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", key)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.PUBLIC_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # A known device has its own count here too, else strangers could still close the door for five minutes.
        email = str(credentials.get("email", ""))
        device = known_device(request, email)
        return f"{account_key(email)}:{device.public_id if device else ''}"

    def _post(self, message: EmailMessage) -> None:
        if self.request is None:
            message.send()
        else:
            after_response(self.request, message.send)


def too_many(closed: TooManyAttempts) -> ValidationError:
    """The same words for every account, existing or not."""
    text = ngettext(
        "Too many attempts. Try again in %(n)d minute.",
        "Too many attempts. Try again in %(n)d minutes.",
        closed.minutes,
    )
    return ValidationError(text % {"n": closed.minutes}, code="too_many_attempts")
