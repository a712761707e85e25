"""The rail: which places a face has, which of them this person may enter, and where they are now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """One entry as designed. ``names`` are the URL names of the pages inside it, its own first; where one name is that
    of pages about several lists, the list follows it."""

    label: Text
    names: tuple[str, ...]
    icon: str = ""
    verb: P | None = None
    shortcut: str = ""
    children: tuple["Place", ...] = ()


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry as shown. ``current`` is "page", "true" (a page inside it) or ""; ``open`` when a child is current."""

    label: Text
    url: str
    icon: str
    current: str = ""
    open: bool = False
    shortcut: str = ""
    badge: str = ""
    badge_family: str = ""
    children: tuple["NavItem", ...] = ()


@dataclass(frozen=True, slots=True)
class Nav:
    top: tuple[NavItem, ...]
    end: tuple[NavItem, ...]

    @property
    def bottom(self) -> tuple[NavItem, ...]:
        """What fits beside "More" on a phone."""
        return self.top[:4]


_VIEWS = ("views", "view", "view_new", "view_edit", "view_overwrite", "view_default")


def _views_of(*lists: str) -> tuple[str, ...]:
    """Pages of a list's views stand where the list does."""
    return tuple(f"merchant:{page} {name}" for name in lists for page in _VIEWS)


def _approvals_of(face: str) -> Place:
    names = tuple(f"{face}:approval{page}" for page in ("s", "", "_approve", "_reject"))
    verb = P.APPROVALS_DECIDE if face == "merchant" else P.OPS_APPROVALS_DECIDE
    return Place(_("Approvals"), names, "clipboard-check", verb, "g a")


_BALANCE = tuple(f"merchant:balance{page}" for page in ("", "_statement", "_explain", "_movement", "_payment"))


def _audit_of(face: str) -> tuple[str, ...]:
    return tuple(f"{face}:{page}" for page in ("audit", "audit_row", "audit_verify", "audit_export", "audit_heads"))


MERCHANT = (
    Place(_("Home"), ("merchant:home",), "home", P.HOME_VIEW, "g h"),
    Place(
        _("Payments"),
        (),
        "credit-card",
        children=(
            Place(
                _("Transactions"),
                (
                    *("merchant:transactions", "merchant:transaction", "merchant:transaction_note"),
                    *("merchant:transaction_reveal", "merchant:transaction_tags", "merchant:transactions_bulk"),
                    *("merchant:refund_new", "merchant:refund_review", "merchant:batch_new", "merchant:activity"),
                    *("merchant:capture_new", "merchant:capture_review", "merchant:hold_withdraw"),
                    *("merchant:cancel_new", "merchant:cancel_review"),
                    *_views_of("transactions", "activity"),
                ),
                verb=P.PAYMENTS_VIEW,
                shortcut="g t",
            ),
            Place(
                _("Refunds"),
                (
                    *("merchant:refunds", "merchant:refund", "merchant:refund_withdraw", "merchant:refund_receipt"),
                    *("merchant:batch", "merchant:batch_withdraw"),
                    *_views_of("refunds"),
                ),
                verb=P.PAYMENTS_VIEW,
            ),
            Place(
                _("Customers"),
                ("merchant:customers", "merchant:customer", "merchant:customer_note", "merchant:customer_reveal"),
                verb=P.CUSTOMERS_VIEW,
            ),
        ),
    ),
    Place(_("Disputes"), ("merchant:disputes", *_views_of("disputes")), "scale", P.PAYMENTS_VIEW, "g d"),
    Place(_("Balance"), _BALANCE, "wallet", P.BALANCE_VIEW, "g b"),
    _approvals_of("merchant"),
    Place(
        _("Developers"),
        (),
        "code",
        children=(
            Place(
                _("Events"),
                ("merchant:events", "merchant:event", "merchant:event_replay", "merchant:events_replay"),
                verb=P.EVENTS_VIEW,
                shortcut="g e",
            ),
        ),
    ),
    Place(
        _("Settings"),
        (),
        "settings",
        children=(
            Place(
                _("Connections"),
                (
                    *("merchant:connections", "merchant:connection", "merchant:connection_new"),
                    *("merchant:connection_findings", "merchant:connection_sync", "merchant:connection_key"),
                    *("merchant:connection_secret", "merchant:connection_disconnect", "merchant:connection_test"),
                    *("merchant:connection_run", "merchant:connection_cancel", "merchant:connection_secret_remove"),
                ),
                verb=P.CONNECTIONS_VIEW,
                shortcut="g c",
            ),
            Place(
                _("Limits"),
                ("merchant:limits", "merchant:limit_change", "merchant:limit_withdraw"),
                verb=P.LIMITS_CHANGE,
            ),
            Place(_("Audit log"), _audit_of("merchant"), verb=P.AUDIT_VIEW),
        ),
    ),
)
_OF_LISTS = frozenset(_views_of("transactions", "activity", "refunds", "disputes"))
OPS = (
    Place(
        _("My work"),
        (
            *("ops:home", "ops:waiting", "ops:home_money", "ops:home_events", "ops:home_connections"),
            *("ops:home_approvals", "ops:home_asked"),
        ),
        "list-check",
        P.OPS_HOME,
        "g h",
    ),
    Place(
        _("Transactions"),
        (
            *("ops:transactions", "ops:transaction", "ops:transaction_note", "ops:transaction_reveal"),
            *("ops:refund_new", "ops:refund_review", "ops:refund", "ops:refund_withdraw"),
        ),
        "credit-card",
        P.OPS_PAYMENTS_VIEW,
        "g t",
    ),
    Place(
        _("Merchants"),
        ("ops:merchants", "ops:merchant", "ops:merchant_visit", "ops:merchant_leave"),
        "building-store",
        P.OPS_MERCHANTS_VIEW,
        "g m",
    ),
    _approvals_of("ops"),
    Place(
        _("System"),
        (),
        "activity",
        children=(
            Place(
                _("Incoming events"),
                ("ops:events", "ops:event", "ops:event_replay", "ops:events_replay"),
                verb=P.OPS_EVENTS_VIEW,
                shortcut="g e",
            ),
            Place(
                _("Connections"),
                (
                    *("ops:connections", "ops:connection", "ops:connection_findings", "ops:connection_sync"),
                    *("ops:connection_test", "ops:connection_run", "ops:connection_cancel"),
                ),
                verb=P.OPS_SYSTEM_VIEW,
                shortcut="g c",
            ),
            Place(
                _("Unclear requests"),
                ("ops:commands", "ops:command", "ops:command_try", "ops:command_settle"),
                verb=P.OPS_COMMANDS_VIEW,
            ),
            Place(_("Jobs"), ("ops:jobs",), verb=P.OPS_SYSTEM_VIEW, shortcut="g j"),
            Place(_("Health"), ("ops:system_health",), verb=P.OPS_SYSTEM_VIEW),
        ),
    ),
    Place(_("Audit"), _audit_of("ops"), "history", P.OPS_AUDIT_VIEW),
)
ME = (
    Place(_("Profile"), ("me:profile",), "user"),
    Place(_("Security"), ("me:security",), "shield"),
    Place(_("Sessions"), ("me:sessions",), "device-desktop"),
    Place(_("Notifications"), ("notices:choices",), "bell"),
    Place(_("Appearance"), ("me:appearance",), "palette"),
)
HELP = (Place(_("Help"), ("me:shortcuts",), "help-circle"),)
FACES = {"merchant": MERCHANT, "ops": OPS, "me": ME}


def name_of_page(url_name: str, kind: str) -> str:
    """As the places name it: ``kind`` is the list that a page of views is about, or whatever else an address says."""
    name = f"{url_name} {kind}"
    return name if name in _OF_LISTS else url_name


def build_nav(
    *, face: str, here: str, kwargs: dict[str, str], can: Callable[[P], bool], badges: Mapping[str, str] | None = None
) -> Nav:
    """``here`` is name_of_page() of what is on screen; ``kwargs`` are what addresses of this face need, and ``badges``
    what stands beside an entry, by its address."""
    top = shown(FACES[face], here, kwargs, can)
    beside = badges or {}
    return Nav(top=tuple(replace(item, badge=beside.get(item.url, "")) for item in top), end=shown(HELP, here, {}, can))


def shown(
    places: tuple[Place, ...], here: str, kwargs: dict[str, str], can: Callable[[P], bool]
) -> tuple[NavItem, ...]:
    items = (_item(place, here, kwargs, can) for place in places)
    return tuple(item for item in items if item is not None)


def _item(place: Place, here: str, kwargs: dict[str, str], can: Callable[[P], bool]) -> NavItem | None:
    if place.verb is not None and not can(place.verb):
        return None
    children = shown(place.children, here, kwargs, can)
    if place.children and not children:
        return None
    url = address(place.names[0], kwargs) if place.names else children[0].url
    if not url:
        return None
    inside = here in place.names
    return NavItem(
        label=place.label,
        url=url,
        icon=place.icon,
        current=("page" if here == place.names[0] else "true") if inside else "",
        open=any(child.current for child in children),
        shortcut=place.shortcut,
        children=children,
    )


def address(name: str, kwargs: dict[str, str] | None = None) -> str:
    """The address of a named page, or nothing while this installation has no such page."""
    return _address(settings.ROOT_URLCONF, name, tuple((kwargs or {}).items()))


# Every page asks for a dozen addresses of one merchant and mode.
@lru_cache(maxsize=4096)
def _address(urlconf: str, name: str, kwargs: tuple[tuple[str, str], ...]) -> str:
    try:
        return reverse(name, urlconf=urlconf, kwargs=dict(kwargs) or None)
    except NoReverseMatch:
        return ""
