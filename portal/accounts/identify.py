"""Who a request comes from, in two short queries: the session with its person, and the device that proved them."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django_otp.middleware import OTPMiddleware
from django_otp.models import Device

from billing.compiled import Compiled
from portal.accounts.second_factor import Authenticator
from portal.accounts.session_store import SessionStore
from portal.accounts.user import User

_AUTHENTICATOR = Compiled(lambda pk: Authenticator.objects.filter(pk=pk))


class PersonOfSession(AuthenticationMiddleware):
    """Django's own, for whom the person has come with the session. Whatever is not as it should be, Django decides."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_person, request))  # type: ignore[assignment]


def _person(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    if not hasattr(request, "_cached_user") and isinstance(session, SessionStore):
        user_id, proof = session.get(auth.SESSION_KEY), session.get(auth.HASH_SESSION_KEY)
        user = session.row.user if session.row else None
        if (
            user is not None
            and str(user.pk) == user_id
            and user.is_active
            and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(proof or "", user.get_session_auth_hash())
        ):
            request._cached_user = user  # type: ignore[attr-defined]
    found: User | AnonymousUser = get_user(request)
    return found


class DeviceOfSession(OTPMiddleware):
    """django-otp's own, with a shorter way to the one kind of device that there is."""

    def _device_from_persistent_id(self, persistent_id: str) -> Device | None:
        label, _slash, number = persistent_id.partition("/")
        if label != Authenticator.model_label():
            return None
        try:
            return next(iter(_AUTHENTICATOR(UUID(int=int(number)))), None)
        except ValueError:
            return None
