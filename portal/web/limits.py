"""How limits are written, wherever one is told of."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole
from billing.limits.models import Action, LimitChange
from billing.limits.queries import UNLIMITED
from reports.templatetags.money import money, money_plain

Text = str | Promise
WHAT_IS_LIMITED: Mapping[str, Text] = {
    Action.REFUND: _("What this role may refund alone"),
    Action.CAPTURE: _("What this role may capture alone"),
    Action.CANCEL: _("What this role may cancel alone"),
}
_NAMES: Mapping[str, Text] = {
    Action.REFUND: _("Limit of %(role)s in %(currency)s"),
    Action.CAPTURE: _("Limit of %(role)s for captures in %(currency)s"),
    Action.CANCEL: _("Limit of %(role)s for cancellations in %(currency)s"),
}


def is_unlimited(minor: int) -> bool:
    return minor >= UNLIMITED.single


def limit_plain(minor: int, currency: str) -> str:
    """For sentences."""
    return gettext("any amount") if is_unlimited(minor) else str(money_plain(minor, currency))


def limit_money(minor: int, currency: str) -> SafeString | str:
    """For a cell of a table."""
    return gettext("no limit") if is_unlimited(minor) else money(minor, currency)


def limit_called(limited: str, role: MerchantRole, currency: str) -> str:
    return str(_NAMES[limited]) % {"role": role.label, "currency": currency}


def change_called(change: LimitChange) -> str:
    """The name of the limit that it changes."""
    return limit_called(change.action, MerchantRole(change.role), change.currency)
