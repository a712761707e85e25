"""Ask a processor what a key opens. Never inside a transaction: the answer may take half a minute."""

from dataclasses import dataclass, field

from billing.providers import scopes
from billing.providers.base import Access, AccessRefused, ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.providers.events import AccountObserved
from billing.providers.given import ConnectionRefused
from billing.providers.registry import adapter

_FORBIDDEN = 403
_NOT_REACHED = "account_invalid"


class KeyRefused(ConnectionRefused):
    """The processor takes the key for nothing, or not for this account."""


class KeyLacksPermissions(ConnectionRefused):
    """The key is good and may read too little. ``missing`` are words of billing.providers.scopes."""

    def __init__(self, missing: list[str]) -> None:
        text = f"The key may not read {scopes.in_words(missing)}. Allow it to read them at Stripe, then try again."
        super().__init__(text, field="api_key")
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Seen:
    """``external_id`` and ``name`` are empty where the key may read everything but the account itself."""

    external_id: str
    name: str
    granted: dict[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        return scopes.missing(self.granted)


def look(*, provider: str, access: Access) -> Seen:
    """What opens, by describing the account and asking for one object of each kind. Raises KeyRefused,
    ProviderUnavailable."""
    account = describe(provider=provider, access=access)
    try:
        grants = adapter(provider).grants(access)
    except ProviderDeclined as refused:
        raise KeyRefused(_sentence(refused), field="api_key") from refused
    granted = scopes.as_kept(grants)
    return Seen(account.external_id, account.name[:200], granted) if account else Seen("", "", granted)


def describe(*, provider: str, access: Access) -> AccountObserved | None:
    """The account, None where the key may not read it: Stripe lets few restricted keys do so. Raises KeyRefused,
    ProviderUnavailable."""
    try:
        observed = adapter(provider).describe(access)
    except AccessRefused as refused:
        if refused.status == _FORBIDDEN and refused.code != _NOT_REACHED:
            return None
        about = "account" if refused.code == _NOT_REACHED else "api_key"
        raise KeyRefused(_sentence(refused), field=about) from refused
    except ProviderDeclined as refused:
        raise KeyRefused(_sentence(refused), field="api_key") from refused
    except UnreadableObject as unreadable:
        raise ProviderUnavailable("What answers there does not answer like the processor.") from unreadable
    if not isinstance(observed, AccountObserved):
        raise ProviderUnavailable("What answers there does not answer like the processor.")
    return observed


def insist(seen: Seen) -> Seen:
    """Raises KeyLacksPermissions without what is essential."""
    lacking = scopes.essential_missing(seen.granted)
    if lacking:
        raise KeyLacksPermissions(seen.missing)
    return seen


def _sentence(refused: ProviderDeclined) -> str:
    return str(refused)[:300]
