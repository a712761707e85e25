"""A merchant with a history: payments of every kind, delivered through the door, and people to look at them."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.payments.models import PaymentAttempt
from billing.payouts.book import book_movements
from billing.payouts.compare import compare_balance
from billing.payouts.models import BalanceTransaction
from billing.providers.base import Funds, Holdings
from billing.queue.models import State
from billing.refunds.models import Refund
from billing.webhooks.models import Origin, WebhookEvent
from disputes.chargebacks.models import Dispute
from tests.billing import deliveries
from tests.browser.site import Site
from tests.portal.money import write_movement, write_payout
from tests.portal.people import make_merchant, make_person

HOUR = 3600
CURRENCIES = ("eur", "jpy", "kwd")
PAYMENTS = 137
CUSTOMERS = 30
# Failed, of the last days, and paid for with the card that ends in 4242.
SOUGHT = 30
# The payment that has everything that can follow.
BUSY = 5
# Those of the last days, and the others well before them, whatever the hour is.
_RECENT_HOURS = 5 * 24
_OLD_HOURS = 10 * 24
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Shop:
    """A merchant, its connection's public id by mode, and the e-mail of somebody in each role."""

    slug: str
    connections: dict[str, str]
    people: dict[str, str]

    def path(self, rest: str = "transactions/", mode: str = "live") -> str:
        return f"/m/{self.slug}/{mode}/{rest}"


@dataclass(frozen=True)
class Stock(Shop):
    """``failed`` is an event that could not be read; ``staff`` the e-mail of somebody by staff role."""

    staff: dict[str, str]
    failed: str


def open_shop(site: Site, *, roles: Sequence[MerchantRole] = (MerchantRole.OWNER,)) -> Shop:
    """A merchant of a test's own, connected in both modes."""
    return Shop(**site.ask(_open, f"boats-{time.time_ns() % 10**9}-{next(_numbers)}", tuple(roles)))


def fill(site: Site) -> Stock:
    opened = site.ask(_open, "paper-boats", tuple(MerchantRole))
    now = int(time.time())
    letters = [letter for number in range(PAYMENTS) for letter in _payment(number, now)]
    site.deliver(opened["connections"]["live"], *_customers(now), *letters, *_others(now))
    site.settle()
    # What belongs to a payment comes after it here: none of these is to wait.
    site.deliver(opened["connections"]["live"], *_aftermath(now))
    staff = site.ask(_staff)
    site.settle()
    site.ask(_mark)
    site.ask(_book)
    return Stock(**opened, staff=staff, failed="evt_stock_unreadable")


def _open(slug: str, roles: Sequence[MerchantRole]) -> dict[str, Any]:
    merchant = make_merchant(slug)
    connections = {
        mode: deliveries.make_connection(merchant, livemode=mode == "live").public_id for mode in ("live", "test")
    }
    people = {str(role): make_person(f"{role}@{slug}.example", merchant=merchant, role=role).email for role in roles}
    return {"slug": slug, "connections": connections, "people": people}


def _staff() -> dict[str, str]:
    return {str(role): make_person(f"{role}@platform.example", staff_role=role).email for role in StaffRole}


def _customers(now: int) -> list[dict[str, Any]]:
    """With up to three means of payment each. The first has the longest name, and the last one was deleted."""
    letters = []
    for number in range(CUSTOMERS):
        at = now - (400 - number) * 24 * HOUR
        name = f"Mina Okafor {number}" if number else "Wilhelmina Augustina Featherstonehaugh-Okafor the Third"
        who = {"id": f"cus_stock{number}", "object": "customer", "name": name, "created": at, "currency": "eur"}
        who |= {"email": f"mina{number}@okafor.example", "phone": "+44 20 7946 0018", "metadata": {"tier": "gold"}}
        who |= {"description": "Met at the pond", "invoice_settings": {"default_payment_method": f"pm_stock{number}x0"}}
        letters.append(_event("customer.created", who, at))
        if number == CUSTOMERS - 1:
            letters.append(_event("customer.deleted", who, at + HOUR))
        for nth in range(number % 4):
            card = {"brand": ("visa", "mastercard", "amex")[nth], "last4": f"{4242 + nth}", "exp_month": 8 + nth}
            card |= {"exp_year": 2025 + 3 * (nth % 2), "country": "GB", "fingerprint": f"f{number}x{nth}"}
            method = {"id": f"pm_stock{number}x{nth}", "object": "payment_method", "type": "card", "card": card}
            method |= {"customer": who["id"], "created": at + nth, "billing_details": {"name": name}}
            letters.append(_event("payment_method.attached", method, at + nth))
    return letters


def _payment(number: int, now: int) -> list[dict[str, Any]]:
    """The events of one of the many, oldest first."""
    fails = number % 3 == 0
    nth = number // 3
    sought = fails and nth < SOUGHT
    recent = sought or number % 2 == 0
    hours = 1 + number * (_RECENT_HOURS - 2) // PAYMENTS if recent else _OLD_HOURS + number
    at = now - hours * HOUR
    card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031, "country": "FR"}
    if not sought:
        # Some failed and recent with another card, some with this card and not failed.
        card |= {"brand": "mastercard", "last4": "5100"} if fails or number % 5 else {}
    facts = {
        "currency": CURRENCIES[nth % 3],
        "amount": 700 + 131 * (number % 97),
        "created": at,
        "livemode": True,
        "description": "Two paper boats, one of them for the pond in the park behind the old waterworks",
        "metadata": {"order_id": f"BOAT-{number:03}"},
    }
    charge = deliveries.charge(
        **facts,
        id=f"ch_stock{number}",
        payment_intent=f"pi_stock{number}",
        customer=f"cus_stock{number % CUSTOMERS}",
        billing_details={"name": f"Lena Vogt {number}", "email": f"lena{number}@vogt.example"},
        payment_method_details={"type": "card", "card": card},
    )
    return _failed(charge, at) if fails else _of_kind(number % 8, number, charge, facts, at)


def _failed(charge: dict[str, Any], at: int) -> list[dict[str, Any]]:
    declined = {
        "status": "failed",
        "paid": False,
        "captured": False,
        "amount_captured": 0,
        "failure_code": "card_declined",
        "failure_message": "Your card has insufficient funds.",
        "outcome": {"type": "issuer_declined", "reason": "insufficient_funds", "risk_level": "normal", "risk_score": 7},
    }
    return [_event("charge.failed", charge | declined, at)]


def _of_kind(kind: int, number: int, charge: dict[str, Any], facts: dict[str, Any], at: int) -> list[dict[str, Any]]:
    amount = facts["amount"]
    intent = deliveries.intent(**facts, id=f"pi_stock{number}")
    paid = charge | {"amount_captured": amount}
    if kind == 0:
        return [_event("payment_intent.created", intent, at)]
    if kind == 1:
        canceled = intent | {"status": "canceled", "cancellation_reason": "abandoned"}
        return [_event("payment_intent.canceled", canceled, at)]
    if kind == 2:
        back = paid | {"amount_refunded": amount, "refunded": True}
        return [_event("charge.succeeded", paid, at), _event("charge.refunded", back, at + HOUR // 2)]
    if kind == 3:
        back = paid | {"amount_refunded": amount // 3}
        return [_event("charge.succeeded", paid, at), _event("charge.refunded", back, at + HOUR // 2)]
    if kind == 4:
        held = charge | {"captured": False, "amount_captured": 0}
        return [_event("charge.succeeded", held, at)]
    return [_event("charge.succeeded", paid, at)]


def _others(now: int) -> list[dict[str, Any]]:
    """An event that nothing uses, two whose object cannot be read, and one that waits for its charge."""
    unused = {"id": "plan_stock", "object": "plan", "livemode": True}
    unreadable = {"id": "ch_stock_unreadable", "object": "charge", "livemode": True}
    early = {"id": "re_stock_early", "object": "refund", "charge": "ch_stock_later", "amount": 700, "currency": "eur"}
    early |= {"status": "succeeded", "created": now - HOUR}
    at = {"at": now - HOUR, "livemode": True}
    return [
        deliveries.event("plan.created", unused, **at, id="evt_stock_unused"),
        deliveries.event("charge.succeeded", unreadable, **at, id="evt_stock_unreadable"),
        deliveries.event("charge.succeeded", unreadable | {"id": "ch_stock_dead"}, **at, id="evt_stock_dead"),
        deliveries.event("refund.created", early, **at, id="evt_stock_waiting"),
    ]


def _aftermath(now: int) -> list[dict[str, Any]]:
    """One payment to which everything happened: refunds of every kind, a warning, a review, an inquiry, a dispute."""
    of = {"charge": f"ch_stock{BUSY}", "payment_intent": f"pi_stock{BUSY}", "currency": "jpy", "livemode": True}
    at = now - 40 * HOUR
    refunds = [
        {"status": "succeeded", "reason": "requested_by_customer", "arn": "74537606324106338453921"},
        {"status": "failed", "reason": "duplicate", "failure_reason": "expired_or_canceled_card"},
        {"status": "pending", "reason": None, "pending_reason": "insufficient_funds"},
        {"status": "canceled", "reason": "requested_by_customer"},
        {"status": "weighed_again", "reason": "moon_phase"},
    ]
    told = []
    for number, fields in enumerate(refunds):
        card = {"type": "card", "card": {"reference": fields.pop("arn", None)}}
        one = {"id": f"re_stock{number}", "object": "refund", "amount": 100 + number, "created": at + number * HOUR}
        one |= {**of, **fields, "destination_details": card}
        told.append(_event("refund.created", one, at + number * HOUR))
        told.append(_event("refund.updated", one, at + number * HOUR + 1))
    warning = {"id": "issfr_stock", "object": "radar.early_fraud_warning", "actionable": True, "created": at, **of}
    told.append(_event("radar.early_fraud_warning.created", warning | {"fraud_type": "made_with_stolen_card"}, at))
    review = {"id": "prv_stock", "object": "review", "open": True, "opened_reason": "rule", "created": at, **of}
    told.append(_event("review.opened", review, at))
    closed = {"open": False, "closed_reason": "approved"}
    told.append(_event("review.closed", review | closed, at + HOUR))
    for number, (status, amount) in enumerate((("warning_closed", 0), ("needs_response", 700))):
        booked = [{"id": f"txn_stock{number}", "amount": -amount, "currency": "jpy", "fee": 2000 if amount else 0}]
        one = {"id": f"du_stock{number}", "object": "dispute", "amount": 700, "status": status, "created": at, **of}
        one |= {"reason": "product_not_received", "balance_transactions": booked if amount else []}
        one |= {"evidence_details": {"due_by": now + 6 * 24 * HOUR, "submission_count": 0, "has_evidence": False}}
        one |= {"payment_method_details": {"type": "card", "card": {"network_reason_code": "13.1"}}}
        told.append(_event("charge.dispute.created", one, at + 6 * HOUR + number))
    return told


def _mark() -> None:
    """What no delivery can bring about."""
    events, since = WebhookEvent.objects, clock.now()
    later = since + timedelta(days=365)
    events.filter(external_id="evt_stock_unreadable").update(state=State.PENDING, attempts=2, next_attempt_at=later)
    imported = {"origin": Origin.IMPORTED, "headers": {}}
    events.filter(external_id="evt_refund_created_re_stock0").update(**imported)
    Refund.objects.filter(external_id="re_stock4").update(unconfirmed_since=since)
    Dispute.objects.filter(external_id="du_stock1").update(unconfirmed_since=since)


def _book() -> None:
    """Movements of the balance, which no event tells of."""
    attempts = PaymentAttempt.objects.filter(payment__merchant__slug="paper-boats", amount_captured__gt=0)
    for attempt in attempts.select_related("payment__account__merchant").order_by("pk"):
        money = {"amount": attempt.amount_captured, "fee": attempt.amount_captured // 33, "currency": attempt.currency}
        times = {"created_at": attempt.created_at, "available_on": attempt.created_at + timedelta(days=3)}
        write_movement(attempt.payment.account, source_id=attempt.external_id, **money, **times)
    account = attempts[0].payment.account
    refund, dispute = Refund.objects.get(external_id="re_stock0"), Dispute.objects.get(external_id="du_stock1")
    back = {"amount": -refund.amount, "fee": 0, "currency": "JPY", "source_id": refund.external_id}
    write_movement(account, type="refund", **back)
    taken = {"amount": -dispute.amount, "fee": 1500, "currency": "JPY", "source_id": dispute.external_id}
    write_movement(account, type="adjustment", reporting_category="dispute", status="pending", **taken)
    payout = write_payout(account, amount=120_000)
    paid = {"amount": -120_000, "fee": 0, "source_id": payout.external_id, "description": "STRIPE PAYOUT"}
    write_movement(account, type="payout", **paid)
    write_movement(account, type="moon_phase_adjustment", amount=0, fee=0, status="weighed_again")
    write_movement(account, type="moon_phase_adjustment", amount=700, fee=0)
    book_movements(BalanceTransaction.objects.filter(merchant=account.merchant))
    compare_balance(account=account, told=Holdings((Funds("JPY", 5, 0),), clock.now()))


def _event(kind: str, target: dict[str, Any], at: int) -> dict[str, Any]:
    return deliveries.event(kind, target, at=at, id=f"evt_{kind.replace('.', '_')}_{target['id']}", livemode=True)
