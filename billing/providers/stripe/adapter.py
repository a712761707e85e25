"""Stripe as a billing.providers.base.Adapter: each of its operations, from the module that holds it."""

from billing.providers.stripe.balance import balance
from billing.providers.stripe.bookings import booking_of
from billing.providers.stripe.checks import checks
from billing.providers.stripe.events import list_events
from billing.providers.stripe.grants import describe, grants
from billing.providers.stripe.holds import lapse
from billing.providers.stripe.listing import fetch, list_accounts, list_page
from billing.providers.stripe.objects import read, translate
from billing.providers.stripe.orders import cancel, capture, check_amount, refund
from billing.providers.stripe.webhook import parse_callback

__all__ = [
    "balance",
    "booking_of",
    "cancel",
    "capture",
    "check_amount",
    "checks",
    "describe",
    "fetch",
    "grants",
    "lapse",
    "list_accounts",
    "list_events",
    "list_page",
    "parse_callback",
    "read",
    "refund",
    "translate",
]
