"""Payments as Stripe tells them: each a story of events, with the objects as they were at that moment."""

import copy
import random
import string
from dataclasses import dataclass, field
from typing import Any

from benchmarks.shops import BRANDS, DECLINES, RATES, Buyer, Decline, Item, Shop, converted

API_VERSION = "2026-10-28.endive"
DAY = 86_400
SECONDS = (2, 40)


@dataclass
class Story:
    """One payment. `pace` is how many seconds a day takes, so that a watcher need not wait for a refund."""

    shop: Shop
    chance: random.Random
    at: int
    number: int
    pace: int = DAY
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.buyer: Buyer = self.chance.choices(self.shop.buyers, [each.regular for each in self.shop.buyers])[0]
        self.item: Item = self.chance.choice(self.shop.items)
        self.count = self.chance.choices((1, 2, 3, 5), (78, 14, 6, 2))[0]
        price = self.item.price * self.count
        self.amount = converted(price, self.buyer.currency) if self.shop.currency in RATES else price
        # A customer and their card are the same whenever they come back.
        self.card = random.Random(f"{self.shop.slug} {self.buyer.email}")
        self.customer = identifier(self.card, "cus_", 14)
        self.intent = self.new_intent()
        self.tell("payment_intent.created", self.intent)

    def hesitate(self) -> None:
        """Lets the seconds pass that people need at a checkout."""
        self.at += self.chance.randint(*SECONDS)

    def days(self, least: int, most: int) -> None:
        """Lets days pass, at this story's pace."""
        self.at += self.chance.randint(least * self.pace, most * self.pace)

    def tell(self, kind: str, source: dict[str, Any]) -> None:
        """Adds an event with the object as it is now."""
        self.events.append(
            {
                "id": identifier(self.chance, "evt_3", 23),
                "object": "event",
                "api_version": API_VERSION,
                "created": self.at,
                "data": {"object": copy.deepcopy(source)},
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": identifier(self.chance, "req_", 14), "idempotency_key": None},
                "type": kind,
            }
        )

    def new_intent(self) -> dict[str, Any]:
        named = self.item.name if self.count == 1 else f"{self.item.name} ×{self.count}"
        return {
            "id": identifier(self.chance, "pi_3", 23),
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "confirmation_method": "automatic",
            "created": self.at,
            "currency": self.buyer.currency.lower(),
            "customer": self.customer,
            "description": named,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {"order_id": f"{self.shop.prefix}-{self.number}"},
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card"],
            "receipt_email": self.buyer.email,
            "statement_descriptor": None,
            "status": "requires_payment_method",
        }

    def new_charge(
        self, *, captured: bool = True, decline: Decline | None = None, blocked: bool = False
    ) -> dict[str, Any]:
        """A charge on the buyer's card; `decline` and `blocked` ones fail."""
        failed = decline is not None or blocked
        charge = {
            "id": identifier(self.chance, "ch_3", 23),
            "object": "charge",
            "amount": self.amount,
            "amount_captured": 0 if failed or not captured else self.amount,
            "amount_refunded": 0,
            "balance_transaction": identifier(self.chance, "txn_3", 23) if captured and not failed else None,
            "billing_details": {
                "address": {"city": None, "country": self.buyer.country, "line1": None, "postal_code": None},
                "email": self.buyer.email,
                "name": self.buyer.name,
                "phone": None,
            },
            "calculated_statement_descriptor": self.shop.descriptor,
            "captured": captured and not failed,
            "created": self.at,
            "currency": self.buyer.currency.lower(),
            "customer": self.customer,
            "description": self.intent["description"],
            "disputed": False,
            "failure_code": decline.code if decline else "card_declined" if blocked else None,
            "failure_message": decline.message if decline else "Your card was declined." if blocked else None,
            "livemode": False,
            "metadata": dict(self.intent["metadata"]),
            "outcome": self.outcome(decline, blocked),
            "paid": not failed,
            "payment_intent": self.intent["id"],
            "payment_method": self.payment_method(),
            "payment_method_details": {"card": self.card_details(), "type": "card"},
            "receipt_email": self.buyer.email,
            "refunded": False,
            "status": "failed" if failed else "succeeded",
        }
        self.intent["latest_charge"] = charge["id"]
        return charge

    def outcome(self, decline: Decline | None, blocked: bool) -> dict[str, Any]:
        risky = blocked or (decline is not None and decline.risky)
        score = self.chance.randint(76, 96) if risky else min(int(self.chance.gammavariate(2.2, 8)), 64)
        if blocked:
            network, reason, kind = "not_sent_to_network", "highest_risk_level", "blocked"
            message = "Stripe blocked this payment as too risky."
        elif decline is not None:
            network, reason, kind = "declined_by_network", decline.decline_code, "issuer_declined"
            message = "The bank did not return any further details with this decline."
        else:
            network, reason, kind, message = "approved_by_network", None, "authorized", "Payment complete."
        return {
            "network_status": network,
            "reason": reason,
            "risk_level": "highest" if risky else "normal",
            "risk_score": score,
            "seller_message": message,
            "type": kind,
        }

    def payment_method(self) -> str:
        return identifier(random.Random(f"{self.shop.slug} {self.buyer.email} card"), "pm_1", 23)

    def card_details(self) -> dict[str, Any]:
        card = random.Random(f"{self.shop.slug} {self.buyer.email} card")
        brand, _, usual = card.choices(BRANDS, [weight for _, weight, _ in BRANDS])[0]
        return {
            "brand": brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": self.buyer.country,
            "exp_month": card.randint(1, 12),
            "exp_year": card.randint(2027, 2031),
            "fingerprint": identifier(card, "", 16),
            "funding": card.choice(("credit", "debit", "debit")),
            "last4": usual if card.random() < 0.1 else f"{card.randrange(10_000):04d}",
            "network": brand,
            "wallet": {"type": card.choice(("apple_pay", "google_pay"))} if card.random() < 0.2 else None,
        }

    def pay(self) -> dict[str, Any]:
        self.hesitate()
        charge = self.new_charge()
        self.tell("charge.succeeded", charge)
        self.intent |= {
            "status": "succeeded",
            "amount_received": self.amount,
            "payment_method": charge["payment_method"],
            "last_payment_error": None,
        }
        self.tell("payment_intent.succeeded", self.intent)
        return charge

    def fail(self, *, blocked: bool = False) -> None:
        self.hesitate()
        decline = self.chance.choices(DECLINES, [each.weight for each in DECLINES])[0]
        charge = self.new_charge(decline=None if blocked else decline, blocked=blocked)
        self.tell("charge.failed", charge)
        self.intent["last_payment_error"] = {
            "charge": charge["id"],
            "code": charge["failure_code"],
            "decline_code": "fraudulent" if blocked else decline.decline_code,
            "message": charge["failure_message"],
            "type": "card_error",
        }
        self.tell("payment_intent.payment_failed", self.intent)

    def refund(self, charge: dict[str, Any]) -> None:
        """Gives all or a part back, some days later."""
        self.days(1, 12)
        part = self.chance.random() < 0.4
        step = RATES.get(self.buyer.currency, (0, 100))[1]
        amount = max(self.amount * self.chance.choice((20, 25, 50)) // 100 // step, 1) * step if part else self.amount
        charge |= {"amount_refunded": amount, "refunded": amount == self.amount}
        self.tell("charge.refunded", charge)


def identifier(chance: random.Random, prefix: str, length: int) -> str:
    """An id that looks like the processor's."""
    return prefix + "".join(chance.choices(string.ascii_letters + string.digits, k=length))
