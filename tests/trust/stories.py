"""Payments as a processor lives them: each story says its events and what must be true in the end.

The truth comes out of the story's own bookkeeping, never out of the events or of the product's code.
"""

import copy
import random
import string
from dataclasses import dataclass, field
from typing import Any

API_VERSION = "2026-10-28.endive"
CURRENCIES = ("eur", "usd", "gbp", "jpy", "kwd")
DECLINES = ("insufficient_funds", "do_not_honor", "expired_card", "lost_card")
BRANDS = ("visa", "mastercard", "amex")
DAY = 86_400

Object = dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """One event: where it goes, and its payload."""

    shop: int
    payload: Object

    @property
    def id(self) -> str:
        return str(self.payload["id"])


@dataclass(frozen=True)
class Truth:
    """What a payment must look like once all of its events were heard. Amounts in minor units."""

    shop: int
    external_id: str
    status: str
    currency: str
    amount: int
    captured: int
    refunded: int
    created: int
    # Charge id -> status, captured, refunded.
    attempts: tuple[tuple[str, str, int, int], ...]
    events: int


class Story:
    """One payment in the making. `at` is the processor's time, in whole seconds."""

    def __init__(self, chance: random.Random, *, shop: int, livemode: bool, at: int, order: str = "") -> None:
        self.chance, self.shop, self.livemode, self.at = chance, shop, livemode, at
        self.letters: list[Letter] = []
        self.charges: list[Object] = []
        self.amount = chance.randint(50, 900_000)
        self.currency = chance.choice(CURRENCIES)
        self.metadata = {"order_id": f"AO-{chance.randrange(10**6)}"} | ({"trust": order} if order else {})
        self.status = "in_progress"
        self.intent: Object | None = None

    def name(self, prefix: str) -> str:
        return prefix + "".join(self.chance.choices(string.ascii_letters + string.digits, k=24))

    def wait(self, least: int, most: int) -> None:
        self.at += self.chance.randint(least, most)

    def tell(self, kind: str, subject: Object) -> None:
        payload = {
            "id": self.name("evt_"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.at,
            "data": {"object": copy.deepcopy(subject)},
            "livemode": self.livemode,
            "pending_webhooks": 1,
            "request": {"id": self.name("req_"), "idempotency_key": None},
            "type": kind,
        }
        self.letters.append(Letter(self.shop, payload))

    def begin(self, *, manual: bool = False) -> None:
        """The intent, as a shop's checkout makes it."""
        self.intent = {
            "id": self.name("pi_"),
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "cancellation_reason": None,
            "capture_method": "manual" if manual else "automatic",
            "created": self.at,
            "currency": self.currency,
            "customer": self.name("cus_"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": self.livemode,
            "metadata": self.metadata,
            "status": "requires_payment_method",
        }
        self.tell("payment_intent.created", self.intent)

    def move(self, kind: str, **changes: Any) -> None:
        assert self.intent is not None
        self.intent.update(changes)
        self.tell(f"payment_intent.{kind}", self.intent)

    def attempt(self, status: str, *, captured: bool = True, blocked: bool = False) -> Object:
        """A new charge; not told yet."""
        paid = status == "succeeded"
        charge: Object = {
            "id": self.name("ch_"),
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount if paid and captured else 0,
            "amount_refunded": 0,
            "billing_details": {"name": "Lena Vogt", "email": "lena@vogt.example"},
            "captured": paid and captured,
            "created": self.at,
            "currency": self.currency,
            "failure_code": None if status != "failed" else "card_declined",
            "failure_message": None if status != "failed" else "Your card was declined.",
            "livemode": self.livemode,
            "metadata": self.metadata,
            "outcome": {"type": "blocked" if blocked else "authorized" if paid else "issuer_declined"},
            "paid": paid,
            "payment_intent": self.intent["id"] if self.intent else None,
            "payment_method_details": {
                "type": "card",
                "card": {"brand": self.chance.choice(BRANDS), "last4": f"{self.chance.randrange(10_000):04}"},
            },
            "refunded": False,
            "status": status,
        }
        self.charges.append(charge)
        return charge

    def decline(self, *, blocked: bool = False) -> None:
        charge = self.attempt("failed", blocked=blocked)
        self.tell("charge.failed", charge)
        self.wait(0, 1)
        if self.intent is not None:
            error = {"code": "card_declined", "decline_code": self.chance.choice(DECLINES), "message": "Declined."}
            self.move("payment_failed", status="requires_payment_method", last_payment_error=error)
        self.status = "blocked" if blocked else "failed"

    def pay(self) -> Object:
        charge = self.attempt("succeeded")
        self.tell("charge.succeeded", charge)
        self.wait(0, 1)
        if self.intent is not None:
            self.move(
                "succeeded",
                status="succeeded",
                amount_received=self.amount,
                latest_charge=charge["id"],
                last_payment_error=None,
            )
        self.status = "succeeded"
        return charge

    def refund(self, charge: Object, amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.tell("charge.refunded", charge)
        self.status = "refunded" if charge["refunded"] else "partially_refunded"

    def truth(self) -> Truth:
        attempts = sorted(
            (charge["id"], charge["status"], charge["amount_captured"], charge["amount_refunded"])
            for charge in self.charges
        )
        first = self.intent or self.charges[0]
        return Truth(
            shop=self.shop,
            external_id=first["id"],
            status=self.status,
            currency=self.currency.upper(),
            amount=self.amount,
            captured=sum(charge["amount_captured"] for charge in self.charges),
            refunded=sum(charge["amount_refunded"] for charge in self.charges),
            created=first["created"],
            attempts=tuple(attempts),
            events=len(self.letters),
        )


def paid(story: Story) -> None:
    story.begin()
    if story.chance.random() < 0.2:
        story.move("requires_action", status="requires_action")
    story.wait(0, 40)
    charge = story.pay()
    if story.chance.random() < 0.3:
        # The same change told twice, under two ids: the balance transaction was booked meanwhile.
        story.wait(0, 2)
        charge["balance_transaction"] = story.name("txn_")
        story.tell("charge.updated", charge)


def second_try(story: Story) -> None:
    story.begin()
    for _ in range(story.chance.randint(1, 2)):
        story.wait(0, 5)
        story.decline()
        story.wait(1, 30)
    story.pay()


def declined(story: Story) -> None:
    story.begin()
    story.wait(0, 5)
    story.decline(blocked=story.chance.random() < 0.3)


def refunded(story: Story) -> None:
    story.begin()
    charge = story.pay()
    story.wait(0, 3 * DAY)
    left = story.amount
    for _ in range(story.chance.randint(1, 3)):
        part = story.chance.choice((left, max(left // 3, 1)))
        story.refund(charge, part)
        left -= part
        if not left:
            break
        # Two refunds within one second happen.
        story.wait(0, 2)


def held(story: Story) -> None:
    story.begin(manual=True)
    charge = story.attempt("succeeded", captured=False)
    story.tell("charge.succeeded", charge)
    story.move("amount_capturable_updated", status="requires_capture", amount_capturable=story.amount)
    story.status = "authorised"
    if story.chance.random() < 0.7:
        story.wait(0, DAY)
        charge.update(captured=True, amount_captured=story.amount)
        story.tell("charge.captured", charge)
        story.move("succeeded", status="succeeded", amount_received=story.amount, amount_capturable=0)
        story.status = "succeeded"


def abandoned(story: Story) -> None:
    story.begin()
    if story.chance.random() < 0.6:
        story.wait(0, DAY)
        story.move("canceled", status="canceled", cancellation_reason="abandoned")
        story.status = "cancelled"


def without_intent(story: Story) -> None:
    charge = story.pay()
    if story.chance.random() < 0.4:
        story.wait(0, DAY)
        story.refund(charge, story.amount)


PLOTS = {paid: 50, second_try: 12, declined: 10, refunded: 12, held: 8, abandoned: 5, without_intent: 3}


def noise(story: Story) -> None:
    """An event of a type that nobody here listens to."""
    story.tell("product.updated", {"id": story.name("prod_"), "object": "product", "metadata": story.metadata})


@dataclass
class Told:
    """Letters in the order in which they were written, the truth of every payment, and the ids of mere noise."""

    letters: list[Letter] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    noise: set[str] = field(default_factory=set)


def tell(seed: int, *, events: int, shops: int, livemode: bool, until: int, orders: tuple[str, ...] = ()) -> Told:
    """At least so many events of payments of the last three weeks, one in twenty of a type nobody listens to.

    Each of `orders` goes into the metadata of one single-event payment (see tests.trust.poison).
    """
    chance, told = random.Random(seed), Told()

    def start(order: str = "") -> Story:
        at = until - chance.randrange(21 * DAY)
        return Story(chance, shop=chance.randrange(shops), livemode=livemode, at=at, order=order)

    for order in orders:
        story = start(order)
        story.begin()
        told.letters += story.letters
        told.truths.append(story.truth())
    while len(told.letters) < events:
        story = start()
        if chance.random() < 0.15:
            noise(story)
            told.noise.add(story.letters[0].id)
        else:
            chance.choices(list(PLOTS), list(PLOTS.values()))[0](story)
            told.truths.append(story.truth())
        told.letters += story.letters
    return told
