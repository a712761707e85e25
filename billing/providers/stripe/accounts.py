"""The account itself, or one that is connected to it, in neutral words."""

from collections.abc import Mapping
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.events import AccountObserved
from billing.providers.stripe.fields import currency_or_none, flag, identity, moment_or_none, section, text


def account(source: Mapping[str, Any]) -> AccountObserved:
    """An account. Raises UnreadableObject without id."""
    dashboard = section(section(source, "settings"), "dashboard")
    return AccountObserved(
        external_id=identity(source),
        name=text(dashboard, "display_name", 200)
        or text(section(source, "business_profile"), "name", 200)
        or text(source, "display_name", 200)
        or text(source, "business_name", 200),
        country=text(source, "country", 2),
        currency=currency_or_none(source, "default_currency"),
        timezone=text(dashboard, "timezone", 64) or text(source, "timezone", 64),
        charges_enabled=flag(source, "charges_enabled"),
        # Payouts were transfers until 2017-04-06.
        payouts_enabled=flag(source, "payouts_enabled") or flag(source, "transfers_enabled"),
        authorised=not flag(source, "deleted"),
        created_at=moment_or_none(source, "created"),
    )


def account_that_left(payload: Mapping[str, Any]) -> AccountObserved:
    """The account that took its permission back. The event's object is the application that lost it; which account it
    was, only the envelope says. Raises UnreadableObject."""
    account_id = text(payload, "account", 255)
    if not account_id:
        raise UnreadableObject("the event does not say which account left")
    return account({"id": account_id, "deleted": True})
