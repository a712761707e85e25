"""Ask Stripe's API: one call, and what went wrong with it in our own words.

Bodies are read as plain JSON: to make a page of 100 objects of the package costs more than the rest of the call.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import stripe

from billing.providers.base import Access, ProviderDeclined, ProviderUnavailable
from billing.providers.breaker import TooManyRequests, breaker
from billing.providers.limiter import bucket
from billing.providers.stripe.errors import headers_of, param_of, translated

# The shapes that the translators know. Events come in the version of their endpoint, whatever this says.
VERSION = "2026-10-28.endive"
# Within these the queues' own limits hold: seconds to connect, and between two pieces of an answer.
TIMEOUTS = (5, 25)
_CLIENTS = 256
# With status 404, and with 400 where a parameter or some paths name the object. A path that Stripe does not know is a
# 404 without it.
_MISSING = "resource_missing"


@dataclass(frozen=True, slots=True)
class Reply:
    """The JSON object of an answer, and the ``observed_at`` of billing.providers.base.Answer."""

    data: Mapping[str, Any]
    observed_at: datetime


class Missing(ProviderDeclined):
    """There is no object of that id. Knows when it was asked."""

    def __init__(self, what: str, error: stripe.StripeError, observed_at: datetime) -> None:
        text = f"Stripe finds nothing of that id among the {what}."
        super().__init__(text, status=error.http_status or 404, code=_MISSING, param=param_of(error))
        self.observed_at = observed_at


def ask(
    access: Access,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    what: str,
    timeouts: tuple[float, float] = TIMEOUTS,
) -> Reply:
    """GET a path. ``what`` names in plain words what is asked for. Waits for its turn among the calls to the account.

    Raises Missing, ProviderUnavailable, ProviderDeclined or AccessRefused.
    """
    with breaker(access).call():
        _wait_for_a_turn(access)
        began = time.monotonic()
        try:
            answer = _client(access, timeouts).raw_request("get", path, **(params or {}))
        except stripe.StripeError as error:
            if error.code == _MISSING:
                raise Missing(what, error, _observed_at(headers_of(error), time.monotonic() - began)) from None
            # The package's texts hold whole bodies, which belong in no log; those about the network do not.
            cause = error if isinstance(error, stripe.APIConnectionError) else None
            raise translated(error, what=what, account=access.account) from cause
        except (AttributeError, TypeError) as error:
            # What the package does with an error that is JSON, but not of Stripe's shape.
            raise ProviderUnavailable("An answer is not Stripe's.") from error
        if not isinstance(answer.data, dict):
            raise ProviderUnavailable("Stripe's answer is no object.")
        return Reply(answer.data, _observed_at(answer.headers, time.monotonic() - began))


def _wait_for_a_turn(access: Access) -> None:
    free, wait = bucket(access, livemode=access.livemode).reserve()
    if not free:
        raise TooManyRequests("Too many calls to this account wait already.", pause=wait)
    time.sleep(wait)


def _observed_at(headers: Mapping[str, str], elapsed: float) -> datetime:
    """The second, by Stripe's clock, before the request began: our own clock may be wrong, so only how long the call
    took is taken from it."""
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        if date.tzinfo is None:
            raise ValueError("no zone")
        return (date.astimezone(UTC) - timedelta(seconds=elapsed)).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise ProviderUnavailable("Stripe's answer does not say when it was made.") from None


@lru_cache(_CLIENTS)
def _client(access: Access, timeouts: tuple[float, float]) -> stripe.StripeClient:
    address = access.api_base.rstrip("/")
    return stripe.StripeClient(
        access.api_key,
        stripe_account=access.account or None,
        stripe_version=VERSION,
        # All of them: what belongs to a stand-in must never reach Stripe.
        base_addresses=(
            {"api": address, "files": address, "connect": address, "meter_events": address} if address else None
        ),
        # Our queues try again, and know how often and how long.
        max_network_retries=0,
        http_client=_connections(timeouts),
    )


@lru_cache
def _connections(timeouts: tuple[float, float]) -> stripe.RequestsClient:
    """Kept open, one pool a thread for all accounts: each call brings its own key."""
    return stripe.RequestsClient(timeout=timeouts)


def _forget() -> None:
    _client.cache_clear()
    _connections.cache_clear()


# Two processes on one connection would read each other's answers.
os.register_at_fork(after_in_child=_forget)
