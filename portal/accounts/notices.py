"""Mails about the safety of an account. They go out after the answer, so that its time says nothing."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from billing.clock import now
from portal.accounts.after_response import after_response
from portal.accounts.device_label import device_label, device_words
from portal.accounts.language import language_for
from portal.accounts.user import User
from portal.web.address import client_address

# In the language of whoever reads the mail, not of whoever caused it.
_device_words = lazy(device_words, str)


def account_locked(request: HttpRequest, email: str) -> None:
    """Tells the owner of the e-mail, if there is one."""
    facts = _facts(request)
    after_response(request, lambda: _send_if_known(email, "account_locked", facts))


def account_changed(request: HttpRequest, user: User, change: Promise) -> None:
    """``change`` is a whole sentence, in any language: "The password was changed."."""
    facts = {**_facts(request), "change": change}
    after_response(request, lambda: send(user, "account_changed", facts))


def send(user: User, template: str, facts: dict[str, object]) -> None:
    """One plain-text mail from templates/account/email/: first line the subject, the rest the text."""
    with language_for(user):
        facts = {"user": user, "public_url": settings.PUBLIC_URL, **facts}
        text = render_to_string(f"account/email/{template}.txt", facts)
    subject, _, body = text.strip().partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [user.email]).send()


def _send_if_known(email: str, template: str, facts: dict[str, object]) -> None:
    user = User.objects.filter(email=email.strip().lower(), disabled_at=None).first()
    if user:
        send(user, template, facts)


def _facts(request: HttpRequest) -> dict[str, object]:
    return {
        "at": now(),
        "address": client_address(request) or _("unknown"),
        "device": _device_words(device_label(request.META.get("HTTP_USER_AGENT", ""))),
        "minutes": settings.SIGN_IN_LOCK_SECONDS // 60,
    }
