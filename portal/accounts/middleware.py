"""Keeps sessions honest on every request."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from billing.clock import now
from portal.accounts.after_response import hang_on
from portal.accounts.session import Session
from portal.web.address import client_address

# Fine enough for an idle limit of minutes, and no write on most requests.
_COARSE = timedelta(seconds=60)


class LiveSession:
    """Ends sessions whose second factor is gone, notes when a person was last seen, and marks private answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Asked here, outside every read-only transaction: Django deletes a session whose password has changed.
        if request.user.is_authenticated:
            if request.user.is_verified():
                _note_presence(request)
            else:
                logout(request)
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        # Signing in and signing out are private, too.
        if was_signed_in or request.user.is_authenticated:
            patch_cache_control(response, no_store=True)
            patch_vary_headers(response, ("HX-Request", "HX-Target"))
        hang_on(request, response)
        return response


def _note_presence(request: HttpRequest) -> None:
    """Sets the session's "last seen", at most once a minute."""
    # Panels and streams load by themselves: a tab that nobody looks at must not stay signed in.
    if "/_/" in request.path:
        return
    row = getattr(request.session, "row", None)
    if row and now() - row.last_seen_at >= _COARSE:
        Session.objects.filter(pk=row.pk).update(last_seen_at=now(), address=client_address(request))
