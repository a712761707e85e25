"""Which account a key stands for, and what it may read there."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing.providers.base import Access, Grant, ProviderDeclined, UnreadableObject
from billing.providers.events import NeutralEvent
from billing.providers.stripe import events
from billing.providers.stripe.client import ask
from billing.providers.stripe.listing import PATHS, words
from billing.providers.stripe.objects import read

_ACCOUNT = "/v1/account"
_ONE = {"limit": 1}
_NO_VALID_KEY = 401


def describe(access: Access) -> NeutralEvent:
    """The account of the key, or the Connect account (AccountObserved). Raises UnreadableObject, too."""
    observed = read(ask(access, _ACCOUNT, what="the account").data)
    if observed is None:
        raise UnreadableObject("Stripe's answer is no account")
    return observed


def grants(access: Access) -> Sequence[Grant]:
    """One call each. Raises AccessRefused when the key itself is not valid."""
    return [
        *(_grant(access, kind.value, path, _ONE, said=words(kind)) for kind, path in PATHS.items()),
        _grant(access, "events", events.PATH, _ONE, said="events"),
        _grant(access, "account", _ACCOUNT, {}, said="the account"),
    ]


def _grant(access: Access, what: str, path: str, params: Mapping[str, Any], *, said: str) -> Grant:
    try:
        ask(access, path, params, what=said)
    except ProviderDeclined as refused:
        if refused.status == _NO_VALID_KEY:
            raise
        return Grant(what, allowed=False, reason=str(refused))
    return Grant(what, allowed=True)
