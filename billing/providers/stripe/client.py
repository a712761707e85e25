"""Call Stripe's API: one request, and what went wrong with it in our own words.

Bodies are read as plain JSON: to make a page of 100 objects of the package costs more than the rest of the call.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import requests
import stripe

from billing.providers.base import Access, ProviderDeclined, ProviderUnavailable, Unclear
from billing.providers.breaker import TooManyRequests, breaker
from billing.providers.limiter import bucket
from billing.providers.stripe.errors import headers_of, param_of, request_id_of, translated, translated_of_money

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
    """The JSON object of an answer, and ``observed_at`` and ``request_id`` of billing.providers.base.Answer.

    ``replayed``: the key of the call was known, and the answer of its first use came again, with the date of today.
    """

    data: Mapping[str, Any]
    observed_at: datetime
    request_id: str
    replayed: bool


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
    with _turn(access) as began:
        try:
            return _reply(_client(access, timeouts), "get", path, params or {}, began)
        except stripe.StripeError as error:
            if error.code == _MISSING:
                raise Missing(what, error, _observed_at(headers_of(error), time.monotonic() - began)) from None
            raise translated(error, may=f"read {what}", account=access.account) from _telling(error)


def post(
    access: Access,
    path: str,
    params: Mapping[str, Any],
    *,
    key: str,
    what: str,
    makes: str,
    timeouts: tuple[float, float] = TIMEOUTS,
) -> Reply:
    """POST to a path that moves money, once, in its turn. ``key`` is the idempotency key; ``what`` says in plain words
    what is done, such as ``refund payments``; ``makes`` is the ``object`` that must come back.

    Raises Unclear, ProviderUnavailable, ProviderDeclined or AccessRefused, as billing.providers.base says of calls that
    move money. Lines are kept open between calls: one that breaks may have done so before the request came, or after
    its effect, which is Unclear.
    """
    if not key:
        # The package would make one up, and the next attempt would move money again.
        raise ValueError("a call that moves money needs an idempotency key")
    with _turn(access) as began:
        try:
            reply = _reply(_client(access, timeouts), "post", path, {**params, "idempotency_key": key}, began)
        except stripe.StripeError as error:
            raise translated_of_money(error, may=what, account=access.account) from _telling(error)
        except ProviderUnavailable as useless:
            raise Unclear(str(useless), request_id=useless.request_id) from useless.__cause__
        if reply.data.get("object") != makes or not isinstance(reply.data.get("id"), str):
            raise Unclear("Stripe's answer is not what was asked for.", request_id=reply.request_id)
        return reply


@contextmanager
def _turn(access: Access) -> Iterator[float]:
    """Round a call to the account, counted by its breaker: waits for its turn, then says when that began, by the
    monotonic clock. Raises ProviderUnavailable when none is to be had."""
    with breaker(access).call():
        free, wait = bucket(access, livemode=access.livemode).reserve()
        if not free:
            raise TooManyRequests("Too many calls to this account wait already.", pause=wait)
        time.sleep(wait)
        yield time.monotonic()


def _reply(client: stripe.StripeClient, method: str, path: str, params: Mapping[str, Any], began: float) -> Reply:
    """Raises ProviderUnavailable for an answer that is of no use, and the package's own errors."""
    try:
        answer = client.raw_request(method, path, **params)
    except (AttributeError, TypeError) as error:
        # What the package does with an error that is JSON, but not of Stripe's shape.
        raise ProviderUnavailable("An answer is not Stripe's.") from error
    request_id = request_id_of(answer.headers)
    if not isinstance(answer.data, dict):
        raise ProviderUnavailable("Stripe's answer is no object.", request_id=request_id)
    observed_at = _observed_at(answer.headers, time.monotonic() - began)
    return Reply(answer.data, observed_at, request_id, answer.headers.get("idempotent-replayed") == "true")


def _telling(error: stripe.StripeError) -> stripe.StripeError | None:
    """The cause to name. The package's texts hold whole bodies, which belong in no log; those about the network do
    not."""
    return error if isinstance(error, stripe.APIConnectionError) else None


def _observed_at(headers: Mapping[str, str], elapsed: float) -> datetime:
    """The second, by Stripe's clock, before the request began: our own clock may be wrong, so only how long the call
    took is taken from it."""
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        if date.tzinfo is None:
            raise ValueError("no zone")
        return (date.astimezone(UTC) - timedelta(seconds=elapsed)).replace(microsecond=0)
    except (ValueError, OverflowError):
        text = "Stripe's answer does not say when it was made."
        raise ProviderUnavailable(text, request_id=request_id_of(headers)) from None


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


class _Session(threading.local, requests.Session):
    """A session of its own in each thread, which goes nowhere else: whoever is sent on by a POST may repeat it, or
    takes what stands there for its answer."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


@lru_cache
def _connections(timeouts: tuple[float, float]) -> stripe.RequestsClient:
    """Kept open, one pool a thread for all accounts: each call brings its own key."""
    return stripe.RequestsClient(timeout=timeouts, session=_Session())


def _forget() -> None:
    _client.cache_clear()
    _connections.cache_clear()


# Two processes on one connection would read each other's answers.
os.register_at_fork(after_in_child=_forget)
