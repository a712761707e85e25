"""Which adapter speaks to which processor."""

from billing.providers.base import Adapter
from billing.providers.models import Provider
from billing.providers.stripe import adapter as stripe_adapter

_ADAPTERS: dict[str, Adapter] = {Provider.STRIPE: stripe_adapter}


def adapter(provider: str) -> Adapter:
    """The adapter of a processor; KeyError for one that this version does not know."""
    return _ADAPTERS[provider]
