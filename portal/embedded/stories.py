"""Payments of the demo as Stripe tells them: each a story of events, with the objects as they were at that moment."""

import copy
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.embedded.shops import BRANDS, DECLINES, RATES, Buyer, Decline, Item, Shop, converted

API_VERSION = "2026-10-28.endive"
DAY = 86_400
SECONDS = (2, 40)
# Payments per hour of the day, on the shop's clock.
HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 10, 13, 14, 12, 13, 12, 11, 11, 12, 14, 16, 18, 17, 12, 7, 3)
PLOTS = {"paid": 76, "second_try": 6, "declined": 7, "blocked": 2, "held": 6, "abandoned": 3}


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

    def hold(self) -> None:
        """Reserves the money, and takes or frees it when the goods are ready to leave."""
        self.intent["capture_method"] = "manual"
        self.hesitate()
        charge = self.new_charge(captured=False)
        self.tell("charge.succeeded", charge)
        self.intent |= {"status": "requires_capture", "amount_capturable": self.amount}
        self.tell("payment_intent.amount_capturable_updated", self.intent)
        self.days(1, 4)
        self.intent["amount_capturable"] = 0
        if self.chance.random() < 0.2:
            self.cancel("requested_by_customer")
            return
        charge |= {
            "captured": True,
            "amount_captured": self.amount,
            "balance_transaction": identifier(self.chance, "txn_3", 23),
        }
        self.tell("charge.captured", charge)
        self.intent |= {"status": "succeeded", "amount_received": self.amount}
        self.tell("payment_intent.succeeded", self.intent)

    def cancel(self, reason: str) -> None:
        self.intent |= {"status": "canceled", "cancellation_reason": reason, "canceled_at": self.at}
        self.tell("payment_intent.canceled", self.intent)

    def abandon(self) -> None:
        """The buyer's bank asks for a confirmation that never comes."""
        self.hesitate()
        self.intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk"}}
        self.tell("payment_intent.requires_action", self.intent)
        self.days(1, 2)
        self.intent["next_action"] = None
        self.cancel("abandoned")


def tell_story(shop: Shop, chance: random.Random, *, at: int, number: int, pace: int = DAY) -> list[dict[str, Any]]:
    """All events of one payment that begins at `at` (Unix time); some may lie in the future."""
    story = Story(shop, chance, at, number, pace)
    plot = chance.choices(list(PLOTS), list(PLOTS.values()))[0]
    if plot == "held":
        story.hold()
    elif plot == "abandoned":
        story.abandon()
    elif plot == "blocked":
        story.fail(blocked=True)
    elif plot == "declined":
        story.fail()
    else:
        if plot == "second_try":
            story.fail()
        charge = story.pay()
        if chance.random() < 0.06:
            story.refund(charge)
    return story.events


def tell_history(shop: Shop, *, until: int, days: int) -> Iterator[dict[str, Any]]:
    """The events of the shop's last `days`, the same for the same arguments. Weekends are slower, business grows."""
    chance = random.Random(f"{shop.slug} history")
    number = shop.first_number
    start = until - days * DAY
    for day in range(days):
        weekday = shop.local(start + day * DAY).weekday()
        mean = shop.daily * (0.75 + 0.5 * day / days) * (0.6 if weekday >= 5 else 1.15)
        moments = sorted(moment_of_day(shop, chance, start + day * DAY) for _ in range(poisson(chance, mean)))
        for moment in moments:
            number += chance.randint(1, 3)
            yield from (
                event for event in tell_story(shop, chance, at=moment, number=number) if event["created"] <= until
            )


def moment_of_day(shop: Shop, chance: random.Random, start: int) -> int:
    """A moment within the 24 hours from `start`, likelier in the shop's busy hours."""
    hours = [HOURS[shop.local(start + hour * 3600).hour] for hour in range(24)]
    return start + chance.choices(range(24), hours)[0] * 3600 + chance.randrange(3600)


def poisson(chance: random.Random, mean: float) -> int:
    """How many come in a day where `mean` do on average."""
    count, waited = 0, chance.expovariate(mean)
    while waited < 1:
        count, waited = count + 1, waited + chance.expovariate(mean)
    return count


def identifier(chance: random.Random, prefix: str, length: int) -> str:
    """An id that looks like the processor's."""
    return prefix + "".join(chance.choices(string.ascii_letters + string.digits, k=length))
