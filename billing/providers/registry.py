"""Which adapter speaks to which processor, and with what."""

from billing.crypto import reveal
from billing.providers.base import Access, Adapter
from billing.providers.models import Provider, ProviderAccount
from billing.providers.stripe import adapter as stripe_adapter

_ADAPTERS: dict[str, Adapter] = {Provider.STRIPE: stripe_adapter}


def adapter(provider: str) -> Adapter:
    """The adapter of a processor; KeyError for one that this version does not know."""
    return _ADAPTERS[provider]


def access_of(account: ProviderAccount) -> Access:
    """How to reach a connection's account: with its own key, or with its platform's."""
    return Access(
        api_key=reveal(account.platform or account, "api_key") or "",
        account=account.external_account if account.is_connect else "",
        api_base=account.api_base,
        livemode=account.livemode,
    )
