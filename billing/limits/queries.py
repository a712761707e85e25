"""What a role may move alone."""

from dataclasses import dataclass

from django.db.models import QuerySet

from billing.access.roles import MerchantRole
from billing.compiled import Compiled
from billing.limits.models import Action, ChangeState, LimitChange, RoleLimit
from billing.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Limit:
    """See models.LimitFields."""

    single: int
    daily: int


NONE = Limit(0, 0)
UNLIMITED = Limit(2**63 - 1, 2**63 - 1)
# Minor units of whatever currency: 1,000.00 EUR, 100,000 JPY, 100.000 KWD.
_DEFAULTS = {
    MerchantRole.OWNER: Limit(100_000, 500_000),
    MerchantRole.ADMIN: Limit(100_000, 500_000),
    MerchantRole.SUPPORT: Limit(10_000, 50_000),
}


def default_limit(role: MerchantRole, action: Action) -> Limit:
    """What holds where a merchant has not said otherwise. To take what a customer has agreed to, or to let it go,
    needs nobody else."""
    return _DEFAULTS.get(role, NONE) if action is Action.REFUND else UNLIMITED


def limit_of(*, merchant_id: int, livemode: bool, role: MerchantRole | None, action: Action, currency: str) -> Limit:
    """Nothing alone for whoever has no role there."""
    if role is None:
        return NONE
    own = _OWN(merchant_id, str(role), str(action), currency, livemode=livemode)
    return next((Limit(*found) for found in own), None) or default_limit(role, action)


def _own(
    merchant_id: int, role: str, action: str, currency: str, *, livemode: bool
) -> QuerySet[RoleLimit, tuple[int, int]]:
    own = RoleLimit.objects.filter(merchant_id=merchant_id, livemode=livemode, role=role)
    return own.filter(action=action, currency=currency).values_list("single", "daily")


_OWN = Compiled(_own)


@dataclass(frozen=True, slots=True)
class Held:
    """What holds for a role. ``is_own``: the merchant has said so; ``pending`` is what was asked to replace it."""

    role: MerchantRole
    limit: Limit
    is_own: bool
    pending: LimitChange | None


def limits_of(merchant: Merchant, livemode: bool, action: Action, currency: str) -> list[Held]:
    """Of every role, in two queries."""
    place = {"merchant": merchant, "livemode": livemode, "action": action, "currency": currency}
    own = {row.role: Limit(row.single, row.daily) for row in RoleLimit.objects.filter(**place)}
    waiting = {row.role: row for row in LimitChange.objects.filter(**place, state=ChangeState.PENDING)}
    return [
        Held(role, own.get(role) or default_limit(role, action), role in own, waiting.get(role))
        for role in MerchantRole
    ]


def currencies_with_limits(merchant: Merchant, livemode: bool, action: Action) -> list[str]:
    """Those for which the merchant has said something of its own, or asked to."""
    place = {"merchant": merchant, "livemode": livemode, "action": action}
    own = RoleLimit.objects.filter(**place).values_list("currency", flat=True)
    asked = LimitChange.objects.filter(**place, state=ChangeState.PENDING).values_list("currency", flat=True)
    return sorted(own.union(asked))
