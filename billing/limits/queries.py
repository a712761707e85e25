"""What a role may move alone."""

from dataclasses import dataclass

from billing.access.roles import MerchantRole
from billing.limits.models import Action, RoleLimit


@dataclass(frozen=True, slots=True)
class Limit:
    """See models.Terms."""

    single: int
    daily: int


NONE = Limit(0, 0)
# Minor units of whatever currency: 1,000.00 EUR, 100,000 JPY, 100.000 KWD.
_DEFAULTS = {
    MerchantRole.OWNER: Limit(100_000, 500_000),
    MerchantRole.ADMIN: Limit(100_000, 500_000),
    MerchantRole.SUPPORT: Limit(10_000, 50_000),
}


def default_limit(role: MerchantRole) -> Limit:
    """What holds where a merchant has not said otherwise."""
    return _DEFAULTS.get(role, NONE)


def limit_of(*, merchant_id: int, livemode: bool, role: MerchantRole | None, action: Action, currency: str) -> Limit:
    """Nothing alone for whoever has no role there."""
    if role is None:
        return NONE
    own = RoleLimit.objects.filter(
        merchant_id=merchant_id, livemode=livemode, role=role, action=action, currency=currency
    )
    found = own.values_list("single", "daily").first()
    return Limit(*found) if found else default_limit(role)
