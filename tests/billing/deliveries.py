"""Signed deliveries, as Stripe makes them, for tests below HTTP."""

import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from django.db.models import Q

from billing import clock
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.queue.run import claim_and_run
from billing.webhooks.models import WebhookEvent
from billing.webhooks.process import INBOX
from billing.webhooks.receive import receive
from tests.billing.factories import make_merchant

SECRET = "whsec_of_a_test_endpoint"
T0 = 1_795_000_000
numbers = itertools.count(1)


def make_connection(merchant: Merchant | None = None, *, livemode: bool = False, **fields: Any) -> ProviderAccount:
    mode = "live" if livemode else "test"
    account = ProviderAccount(
        merchant=merchant or make_merchant(),
        livemode=livemode,
        # Nothing is asked of the processor by accident.
        **{"api_key": f"sk_{mode}_key_of_a_test", "api_base": "http://127.0.0.1:9", **fields},
        created_at=clock.now(),
    )
    account.save()
    account.secrets.create(secret=SECRET, last4=SECRET[-4:], created_at=clock.now())
    return account


def intent(**fields: Any) -> dict[str, Any]:
    values = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_payment_method",
        "amount": 2000,
        "amount_received": 0,
        "currency": "eur",
        "created": T0,
        "metadata": {},
    }
    return {**values, **fields}


def charge(**fields: Any) -> dict[str, Any]:
    values = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": "pi_1",
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount": 2000,
        "amount_captured": 2000,
        "amount_refunded": 0,
        "currency": "eur",
        "created": T0 + 1,
        "metadata": {},
        "billing_details": {"name": "Lena Vogt", "email": "lena@vogt.example"},
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2028, "country": "DE"},
        },
        "outcome": {"type": "authorized", "risk_level": "normal", "risk_score": 11},
    }
    return {**values, **fields}


def event(type_: str, target: dict[str, Any], *, at: int = T0, **fields: Any) -> dict[str, Any]:
    values = {
        "id": f"evt_{next(numbers):06}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "type": type_,
        "created": at,
        "livemode": False,
        "data": {"object": target},
    }
    return {**values, **fields}


def signature(body: bytes, *, secret: str = SECRET, at: int | None = None) -> str:
    moment = int(clock.now().timestamp()) if at is None else at
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def deliver(account: ProviderAccount, payload: dict[str, Any]) -> WebhookEvent:
    """Through the door's half that is not HTTP."""
    body = json.dumps(payload).encode()
    headers = {"stripe-signature": signature(body), "content-type": "application/json"}
    receive(provider="stripe", connection_id=account.public_id, body=body, headers=headers, address="127.0.0.1")
    return WebhookEvent.objects.get(account=account, external_id=payload["id"])


def deliver_to(platform: ProviderAccount, payload: dict[str, Any]) -> WebhookEvent:
    """Through the platform's door; the row that it made."""
    body = json.dumps(payload).encode()
    headers = {"stripe-signature": signature(body)}
    receive(provider="stripe", connection_id=platform.public_id, body=body, headers=headers, address="")
    return WebhookEvent.objects.get(external_id=payload["id"])


def deliver_all(account: ProviderAccount, payloads: list[dict[str, Any]]) -> None:
    """Deliver, then process in one batch."""
    rows = [deliver(account, payload).pk for payload in payloads]
    process_all()
    _await_workers(rows)


def process_all() -> None:
    while claim_and_run(INBOX):
        pass


def _await_workers(rows: list[int]) -> None:
    """Where a whole site runs, its workers may have taken some of these events first."""
    taken = Q(state=State.LEASED) | Q(state=State.PENDING, attempts=0, next_attempt_at=None)
    until = time.monotonic() + 30
    while WebhookEvent.objects.filter(taken, pk__in=rows).exists():
        assert time.monotonic() < until, "a worker took an event and did not finish it within 30 s"
        time.sleep(0.02)
