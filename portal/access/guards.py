"""What stands before every view: who asks, for which merchant, with which permission, by which method.

The four guards leave a ``guard`` on the view (policy.Row); a test compares it with the policy table.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Literal

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib import messages
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext

from billing.access.roles import StaffRole
from billing.access.verbs import P
from billing.clock import now
from billing.merchants.members import memberships_of
from portal.access import refusal
from portal.access.actor import actor_of, as_member
from portal.access.draft import PARAMETER, keep_draft
from portal.access.pace import pace
from portal.access.policy import Row
from portal.access.visit import StaffVisit, newest_visit, on_behalf
from portal.access.way_back import page_of
from portal.web.request import MerchantRequest, PersonRequest

View = Callable[..., Any]
Refusal = HttpResponseBase | None
# What admits also puts onto the request what admitted ones carry.
Admit = Callable[..., Refusal]
# How fresh the second factor must be: five minutes for True, half an hour for "recent" (both are settings).
StepUp = Literal[False, True, "recent"]
# Where the session store keeps when the second factor was proved.
FACTOR_KEY = "factor_at"
MODES = {"live": True, "test": False}


def merchant_view(verb: P, *, methods: tuple[str, ...] = ("GET",), step_up: StepUp = False) -> Callable[[View], View]:
    """For members with that verb, and for staff who look at the merchant's pages (visit.py).

    The URL's ``merchant`` and ``mode`` arrive as a Merchant and ``livemode``.
    """

    def admit(request: MerchantRequest, kwargs: dict[str, Any]) -> Refusal:
        slug, mode = kwargs.pop("merchant"), kwargs.pop("mode")
        refused = _signed_in(request)
        if refused:
            return refused
        request.memberships = memberships_of(request.user)
        membership = next((each for each in request.memberships if each.merchant.slug == slug), None)
        visit = None if membership else newest_visit(request.user, session_id(request), slug)
        place = membership or visit
        if place is None or mode not in MODES:
            raise Http404
        _introduce(request, place.verbs)
        request.membership, request.visit = membership, visit
        request.merchant, request.livemode = place.merchant, MODES[mode]
        kwargs.update(merchant=place.merchant, livemode=MODES[mode])
        if membership:
            request.actor = as_member(request.actor)
        if visit:
            return _as_guest(request, visit, verb) or _stepped_up(request, step_up)
        if verb not in place.verbs:
            return refusal.not_allowed_at(request, verb, place.merchant)
        return _stepped_up(request, step_up)

    return _guard(admit, Row("merchant", verb, methods, step_up))


def staff_view(verb: P, *, methods: tuple[str, ...] = ("GET",), step_up: StepUp = False) -> Callable[[View], View]:
    """For staff with that verb."""

    def admit(request: PersonRequest, kwargs: dict[str, Any]) -> Refusal:
        refused = _signed_in(request)
        if refused:
            return refused
        verbs = StaffRole(request.user.staff_role).verbs if request.user.staff_role else frozenset()
        _introduce(request, verbs)
        if verb not in verbs:
            return refusal.not_allowed(request, verb, granted_by=gettext("a Platform admin"))
        return _stepped_up(request, step_up)

    return _guard(admit, Row("staff", verb, methods, step_up))


def person_view(*, methods: tuple[str, ...] = ("GET",), step_up: StepUp = False) -> Callable[[View], View]:
    """For everybody who is signed in, about themselves."""

    def admit(request: PersonRequest, kwargs: dict[str, Any]) -> Refusal:
        refused = _signed_in(request)
        if refused:
            return refused
        _introduce(request, frozenset())
        return _stepped_up(request, step_up)

    return _guard(admit, Row("person", None, methods, step_up))


def public_view(*, methods: tuple[str, ...] = ("GET",), read_only: bool = False) -> Callable[[View], View]:
    """For anybody. ``read_only`` puts GETs under the same guard as elsewhere; doors and health need no database."""
    return _guard(lambda request, kwargs: None, Row("public", None, methods, False), read_only=read_only)


def _guard(admit: Admit, row: Row, *, read_only: bool = True) -> Callable[[View], View]:
    allowed = {*row.methods, "HEAD"} if "GET" in row.methods else set(row.methods)

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):
            guarded = _async_guarded(view, admit, allowed)
        else:
            guarded = _guarded(view, admit, allowed, read_only)
        guarded.guard = row  # type: ignore[attr-defined]
        return guarded

    return decorate


def _guarded(view: View, admit: Admit, allowed: set[str], read_only: bool) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in allowed:
            return refusal.wrong_method(request, allowed)
        refused = admit(request, kwargs)
        if refused:
            return refused
        if request.method == "POST" or not read_only:
            return view(request, *args, **kwargs)
        with _reading(), _as_get(request):
            return view(request, *args, **kwargs)

    return guarded


def _async_guarded(view: View, admit: Admit, allowed: set[str]) -> View:
    # Streams outlive any transaction, so they get none: what they ask, they ask in transactions of their own.
    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in allowed:
            return refusal.wrong_method(request, allowed)
        refused = await sync_to_async(admit)(request, kwargs)
        return refused or await view(request, *args, **kwargs)

    return guarded


@contextmanager
def _reading() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


@contextmanager
def _as_get(request: HttpRequest) -> Iterator[None]:
    # To a view a HEAD is a GET. allauth counts it like a sent form, and waits a second to write that down in vain.
    method = request.method
    request.method = "GET"
    try:
        yield
    finally:
        request.method = method


def _signed_in(request: PersonRequest) -> Refusal:
    # Without a proved second factor nobody is signed in; the sign-in pages lead through its set-up.
    if not request.user.is_authenticated or not request.user.is_verified():
        return refusal.sign_in_first(request)
    if not pace.admits(request.user.pk):
        return refusal.too_fast(request)
    return None


def _introduce(request: PersonRequest, verbs: frozenset[P]) -> None:
    request.actor = actor_of(request, request.user)
    request.verbs, request.can = verbs, verbs.__contains__


def session_id(request: PersonRequest) -> str:
    """What a visit is bound to: the session's public id, which no address or form can name."""
    row = getattr(request.session, "row", None)
    return row.public_id if row else ""


def _as_guest(request: MerchantRequest, visit: StaffVisit, verb: P) -> Refusal:
    if not visit.is_open:
        return refusal.visit_over(request, visit.merchant)
    request.actor = on_behalf(request.actor, visit.merchant)
    if request.method not in ("GET", "HEAD") or verb not in visit.verbs:
        return refusal.only_looking(request, visit.merchant, "live" if request.livemode else "test")
    return None


def _stepped_up(request: PersonRequest, step_up: StepUp) -> Refusal:
    return None if not step_up or factor_is_fresh(request, step_up) else confirm_on_the_way(request, page_of(request))


def confirm_on_the_way(request: PersonRequest, page: str) -> HttpResponse:
    """A fresh code, and then ``page`` with what was typed."""
    if request.method == "POST":
        draft = keep_draft(request, page.partition("?")[0])
        messages.info(request, gettext("Confirm that it is you. Nothing has been sent yet."))
        if draft:
            page = f"{page}{'&' if '?' in page else '?'}{PARAMETER}={draft.pk}"
    return refusal.confirm_first(request, page)


def factor_is_fresh(request: HttpRequest, step_up: StepUp) -> bool:
    proved_at = request.session.get(FACTOR_KEY)
    limit = settings.STEP_UP_RECENT_SECONDS if step_up == "recent" else settings.STEP_UP_FRESH_SECONDS
    return proved_at is not None and 0 <= now().timestamp() - proved_at <= limit
