"""Checks codes and opens sessions."""

from typing import Literal, cast

import django_otp
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.clock import now
from portal.access.actor import actor_of
from portal.accounts import notices
from portal.accounts.codes import use_code
from portal.accounts.device_label import device_label
from portal.accounts.known_device import known_device, remember_device
from portal.accounts.lockout import book_attempt, confirm_failure, take_back
from portal.accounts.second_factor import Authenticator
from portal.accounts.session_store import ADDRESS, DEVICE, FACTOR, SIGNED_IN
from portal.accounts.user import User
from portal.web.address import client_address

Way = Literal["app", "recovery"]


def check_code(request: HttpRequest, *, user: User, authenticator: Authenticator, typed: str, way: Way) -> bool:
    """Whether the code is right; a right one is used up, a wrong one counts. Raises TooManyAttempts."""
    device = known_device(request, user.email)
    attempt = book_attempt(email=user.email, device=device.public_id if device else "")
    if way == "app":
        digits = "".join(typed.split()).replace("-", "")
        right = django_otp.verify_token(user, authenticator.persistent_id, digits) is not None
    else:
        right = use_code(user=user, typed=typed, by=actor_of(request, user))
    if right:
        take_back(attempt)
    elif confirm_failure(attempt, email=user.email):
        notices.account_locked(request, user.email)
    return right


def finish_sign_in(
    request: HttpRequest, response: HttpResponseBase, *, authenticator: Authenticator, remember: bool
) -> None:
    """Marks the session that was just opened as verified, and the browser as known."""
    user = cast(User, request.user)
    django_otp.login(request, authenticator)
    moment = now().timestamp()
    request.session[SIGNED_IN] = moment
    request.session[FACTOR] = moment
    request.session[ADDRESS] = client_address(request)
    request.session[DEVICE] = device_label(request.META.get("HTTP_USER_AGENT", ""))
    # Until the browser closes; the limits that count are enforced by the session store.
    request.session.set_expiry(0)
    remember_device(request=request, response=response, user=user, days=remember)
    note_sign_in(user, actor_of(request, user))


def note_sign_in(user: User, by: Actor) -> None:
    with transaction.atomic():
        record(merchant_id=None, actor=by, action="person.signed_in", object_type="user", object_id=user.public_id)


def refresh_factor(request: HttpRequest) -> None:
    """The person has just proved the second factor again."""
    request.session[FACTOR] = now().timestamp()
