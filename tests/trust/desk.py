"""Somebody who gives money back, of payments that have plenty of it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.trust.actor import Actor
from tests.trust.processor import Processor

CALLS = "POST /v1/refunds"
AMOUNT = 150
# For as many refunds as nobody asks for.
PLENTY = 100_000


@dataclass
class Desk:
    processor: Processor
    actor: Actor
    asked: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _by: str = ""
    _turns: Iterator[str] = field(default_factory=lambda: iter(()))
    _spoilt: list[str] = field(default_factory=list)

    def open(self, *, payments: int, spoilt: int) -> None:
        """Of so many more payments a refund will be refused."""
        paid = [self.processor.pay(PLENTY)["id"] for _ in range(payments)]
        self._spoilt = [self.processor.pay(AMOUNT)["id"] for _ in range(spoilt)]
        if not self.processor.wait_until_quiet(within=120):
            raise TimeoutError("payments do not become known here")
        self._turns = itertools.cycle(paid)
        [self._by] = self.actor.ask("stage", play="hire", account=self.processor.shop.account_id, count=1)

    def ask(self, count: int, *, in_vain: bool = False) -> list[dict[str, Any]]:
        """So many refunds, of one payment after the other. ``in_vain``: somebody has given the money back at the
        processor's own dashboard, of which nobody has heard here."""
        payments = [self._spoilt.pop() if in_vain else next(self._turns) for _ in range(count)]
        if in_vain:
            for payment in payments:
                self.processor.call("POST", "/v1/refunds", payment_intent=payment)
        asks = [
            {"payment": payment, "amount": AMOUNT, "form_key": f"desk {len(self.asked) + number}", "by": self._by}
            for number, payment in enumerate(payments)
        ]
        told = self.actor.ask("stage", play="ask_refunds", account=self.processor.shop.account_id, asks=asks)
        self.problems += [f"refused: {each}" for each in told if "refused" in each]
        self.asked += told
        return list(told)
