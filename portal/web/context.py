"""What the frame round every page shows: who, where, which mode, where else. Nothing is queried unless it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.access.roles import StaffRole
from billing.access.verbs import P
from billing.approvals.queries import waiting, waiting_anywhere
from billing.merchants.members import memberships_of
from billing.merchants.models import Membership, Merchant
from portal.web.connections import connections_of
from portal.web.nav import address, build_nav, name_of_page
from reports.templatetags.money import number


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another merchant, mode or face that this person can go to."""

    name: str | Promise
    url: str
    current: bool
    initials: str = ""

    @property
    def label(self) -> str | Promise:
        return self.name


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html, shell.html and identity.html."""
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    merchant: Merchant | None = getattr(request, "merchant", None)
    livemode: bool = getattr(request, "livemode", False)
    face = face_of(request)
    context: dict[str, Any] = {
        "person": person,
        "face": face,
        "merchant": merchant,
        "livemode": livemode,
        "visit": getattr(request, "visit", None),
        "theme": person.theme if person and person.theme != "system" else "",
        "zone": _zone(person, merchant),
        "page_time": clock.now(),
        "mode_banner": SimpleLazyObject(lambda: _mode_banner(merchant, livemode)),
        "simulated": SimpleLazyObject(lambda: _simulated(merchant, livemode)),
    }
    context["zone_name"] = str(context["zone"])
    if person is not None:
        context |= _frame(request, person, face, merchant, livemode)
    return context


def _frame(request: HttpRequest, person: Any, face: str, merchant: Merchant | None, livemode: bool) -> dict[str, Any]:
    kwargs = {"merchant": merchant.slug, "mode": _mode(livemode)} if merchant else {}
    here = _here(request)
    can: Callable[[P], bool] = getattr(request, "can", lambda verb: False)
    known: list[Membership] | None = getattr(request, "memberships", None)
    memberships = _lazy(lambda: memberships_of(person) if known is None else known)
    badges = _lazy(lambda: _badges(face, kwargs, merchant, livemode, can))
    places = _lazy(lambda: _places(person, memberships, merchant, livemode, face))
    return {
        "frame_key": _lazy(lambda: _frame_key(request, person, face, memberships, badges)),
        "nav": SimpleLazyObject(lambda: build_nav(face=face, here=here, kwargs=kwargs, can=can, badges=badges)),
        "merchants": places,
        "places": places,
        "place": _place(merchant, face),
        "modes": _lazy(lambda: _modes(request, merchant, livemode)),
        "home_url": address(f"{face}:home", kwargs) or "/",
        "live_url": "" if face == "me" else address(f"live:{face}", kwargs),
        "search_url": address(f"{face}:search", kwargs),
        "palette_url": address(f"{face}:palette", kwargs),
        "recent_url": address(f"{face}:search_recent", kwargs),
        "shortcuts_url": address("me:shortcuts"),
        "session_seconds": settings.SESSION_IDLE_SECONDS,
        "sign_out_url": address("account_logout"),
        "person_initials": initials(person.label),
        "person_role": _lazy(lambda: _role(request, person)),
        "person_menu": _lazy(lambda: build_nav(face="me", here=here, kwargs={}, can=can).top),
    }


def _badges(
    face: str, kwargs: dict[str, str], merchant: Merchant | None, livemode: bool, can: Callable[[P], bool]
) -> dict[str, str]:
    """What waits for this person, by the address of the list of it."""
    count = 0
    if merchant is not None and can(P.APPROVALS_DECIDE):
        count = waiting(merchant, livemode).count
    elif face == "ops" and can(P.OPS_APPROVALS_DECIDE):
        count = waiting_anywhere().count
    return {address(f"{face}:approvals", kwargs): str(number(count))} if count else {}


def _frame_key(
    request: HttpRequest, person: Any, face: str, memberships: list[Membership], badges: dict[str, str]
) -> str:
    """Names all that rail, bars and switcher depend on; whoever shares it sees the same frame, down to the byte."""
    match = request.resolver_match
    page = (_here(request), sorted(match.kwargs), match.kwargs.get("mode")) if match else ()
    merchant: Merchant | None = getattr(request, "merchant", None)
    return repr(
        (
            *(settings.ROOT_URLCONF, settings.DEMO, get_language(), face, page),
            *(merchant and merchant.pk, sorted(getattr(request, "verbs", ()))),
            *(person.public_id, person.label, person.email, person.staff_role),
            [(each.role, each.merchant.slug, each.merchant.name) for each in memberships],
            sorted(badges.items()),
        )
    )


def _here(request: HttpRequest) -> str:
    """The name by which the rail knows the page."""
    match = request.resolver_match
    return name_of_page(match.view_name, match.kwargs.get("kind", "")) if match else ""


def initials(name: str) -> str:
    """Two letters that stand for a name: ``Acme Outdoor`` is AO, ``m.lefebvre@…`` is M."""
    words = [word for word in name.split("@", maxsplit=1)[0].split() if word[:1].isalnum()]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "") if words else name[:1]
    return letters.upper()


def _lazy(make: Callable[[], Any]) -> Any:
    return SimpleLazyObject(make)


def face_of(request: HttpRequest) -> str:
    """``merchant``, ``ops`` or ``me``: whose rail stands beside the page, as its address says."""
    match = request.resolver_match
    top = match.route.partition("/")[0] if match else ""
    return {"m": "merchant", "ops": "ops"}.get(top, "me")


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"


def _zone(person: Any, merchant: Merchant | None) -> tzinfo:
    if merchant is not None:
        return merchant.zone
    return ZoneInfo(person.timezone if person is not None and person.timezone else "UTC")


def _simulated(merchant: Merchant | None, livemode: bool) -> bool:
    if merchant is None:
        return bool(settings.DEMO)
    return any(account.simulated for account in connections_of(merchant, livemode))


def _mode_banner(merchant: Merchant | None, livemode: bool) -> dict[str, str]:
    if _simulated(merchant, livemode):
        name = merchant.name if merchant else ""
        detail = gettext("%(name)s is connected to a stand-in that answers like a processor.") % {"name": name}
        return {"title": gettext("Simulated processor – no real money"), "detail": detail if name else ""}
    if merchant is not None and not livemode:
        return {"title": gettext("Test mode – no real money"), "detail": ""}
    if settings.DEMO:
        return {"title": gettext("Demonstration – no real money"), "detail": ""}
    return {}


def _places(
    person: Any, memberships: list[Membership], merchant: Merchant | None, livemode: bool, face: str
) -> list[Elsewhere]:
    # The demonstration's data are test data: its live side would look broken.
    mode = _mode(livemode) if merchant else ("test" if settings.DEMO else "live")
    found = [
        Elsewhere(
            name=each.merchant.name,
            url=address("merchant:home", {"merchant": each.merchant.slug, "mode": mode}),
            current=merchant is not None and each.merchant_id == merchant.pk,
            initials=initials(each.merchant.name),
        )
        for each in memberships
    ]
    if person.staff_role:
        found.append(Elsewhere(name=_("Operations"), url=address("ops:home"), current=face == "ops", initials="CF"))
    return found


def _place(merchant: Merchant | None, face: str) -> dict[str, Any]:
    if merchant is not None:
        return {"name": merchant.name, "initials": initials(merchant.name)}
    if face == "ops":
        return {"name": _("Operations"), "initials": "CF"}
    return {"name": _("Your account"), "initials": "CF"}


def _modes(request: HttpRequest, merchant: Merchant | None, livemode: bool) -> list[Elsewhere]:
    """The same list in the other mode; an object exists in one mode only, so its page leads to the home page."""
    match = request.resolver_match
    if merchant is None or match is None:
        return []
    name = match.view_name if set(match.kwargs) == {"merchant", "mode"} else "merchant:home"
    modes = (("live", _("Live"), True), ("test", _("Test"), False))
    return [
        Elsewhere(label, address(name, {"merchant": merchant.slug, "mode": mode}), live == livemode)
        for mode, label, live in modes
    ]


def _role(request: HttpRequest, person: Any) -> str:
    membership = getattr(request, "membership", None)
    if membership is not None:
        return str(membership.get_role_display())
    return str(StaffRole(person.staff_role).label) if person.staff_role else ""
