"""What banks, customers and people at the processor's dashboard do to an account that has payments."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from portal.embedded.stand_in import NoAnswer
from tests.trust.processor import Processor

_NEXT = {
    "warning_needs_response": ("needs_response", "warning_closed", "lost"),
    "warning_under_review": ("needs_response", "warning_closed"),
    "needs_response": ("won", "lost", "under_review"),
    "under_review": ("won", "lost"),
    "lost": ("won",),
}
_OURS = {"trouble": "yes"}


class Troubles:
    """``done`` counts what happened, ``refused`` what the processor would not do (any more)."""

    def __init__(self, processor: Processor, chance: random.Random) -> None:
        self.processor, self.chance = processor, chance
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def make(self, count: int) -> None:
        for _ in range(count):
            trouble = self.chance.choice(TROUBLES)
            try:
                happened = trouble(self)
            except NoAnswer as refusal:
                # Whatever the account is in the middle of, some of it is always forbidden; silence is not.
                if " answers 4" not in str(refusal):
                    raise
                happened = False
            (self.done if happened else self.refused)[trouble.__name__] += 1

    def one_of(self, path: str, fits: Callable[[Any], bool] = bool, **params: Any) -> Any:
        """Any of the newest hundred; None where none fits."""
        found = [each for each in self.processor.call("GET", path, limit=100, **params)["data"] if fits(each)]
        return self.chance.choice(found) if found else None

    def paid_charge(self) -> Any:
        return self.one_of("/v1/charges", lambda each: each["captured"] and each["status"] == "succeeded")

    def dispute(self) -> bool:
        charge = self.paid_charge()
        case = self.chance.choice(("chargeback", "inquiry"))
        self.processor.act("/disputes", charge=charge["id"], case_type=case, reason="product_not_received")
        return True

    def decide_dispute(self) -> bool:
        found = self.one_of("/v1/disputes", lambda each: each["status"] in _NEXT)
        if found is None:
            return False
        self.processor.act(f"/disputes/{found['id']}/move", status=self.chance.choice(_NEXT[found["status"]]))
        return True

    def answer_dispute(self) -> bool:
        found = self.one_of("/v1/disputes", lambda each: each["status"].endswith("needs_response"))
        if found is None:
            return False
        evidence = {"uncategorized_text": f"Sent on {self.chance.randrange(1, 28)} May.", "customer_name": "Léa Petit"}
        submit = self.chance.random() < 0.5
        self.processor.call("POST", f"/v1/disputes/{found['id']}", evidence=evidence, submit=submit)
        return True

    def warn(self) -> bool:
        self.processor.act("/warnings", charge=self.paid_charge()["id"], fraud_type="made_with_stolen_card")
        return True

    def open_review(self) -> bool:
        self.processor.act("/reviews", charge=self.paid_charge()["id"])
        return True

    def close_review(self) -> bool:
        found = self.one_of("/v1/reviews", lambda each: each["open"])
        if found is None:
            return False
        self.processor.act(f"/reviews/{found['id']}/close", closed_reason="approved")
        return True

    def refund_in_part(self) -> bool:
        charge = self.paid_charge()
        amount = max((charge["amount_captured"] - charge["amount_refunded"]) // self.chance.randrange(2, 9), 1)
        self.processor.call("POST", "/v1/refunds", charge=charge["id"], amount=amount)
        return True

    def fail_refund(self) -> bool:
        """The bank sends money back that had arrived."""
        found = self.one_of("/v1/refunds", _can_fail)
        if found is None:
            return False
        self.processor.call("POST", f"/v1/test_helpers/refunds/{found['id']}/fail")
        return True

    def fail_payout(self) -> bool:
        found = self.one_of("/v1/payouts", lambda each: each["status"] in ("paid", "in_transit"))
        if found is None:
            return False
        self.processor.act(f"/payouts/{found['id']}/fail", failure="account_closed")
        return True

    def doom_payout(self) -> bool:
        self.processor.act("/payouts/fail", failure="could_not_process", after_paid=self.chance.random() < 0.5)
        return True

    def meet_customer(self) -> bool:
        """One of our own, whom the account's usual life knows nothing of."""
        name = f"Met {self.chance.randrange(1000)}"
        met = self.processor.call("POST", "/v1/customers", name=name, email="met@mail.example", metadata=_OURS)
        method = self.processor.call("POST", "/v1/payment_methods/pm_card_visa/attach", customer=met["id"])
        settings = {"default_payment_method": method["id"]}
        self.processor.call("POST", f"/v1/customers/{met['id']}", invoice_settings=settings)
        return True

    def rename_customer(self) -> bool:
        found = self.one_of("/v1/customers", _is_ours)
        if found is None:
            return False
        name = f"Renamed {self.chance.randrange(1000)}"
        self.processor.call("POST", f"/v1/customers/{found['id']}", name=name, phone="+4915112345678")
        return True

    def delete_customer(self) -> bool:
        found = self.one_of("/v1/customers", _is_ours)
        if found is None:
            return False
        self.processor.call("DELETE", f"/v1/customers/{found['id']}")
        return True

    def detach_method(self) -> bool:
        owner = self.one_of("/v1/customers", _is_ours)
        found = owner and self.one_of(f"/v1/customers/{owner['id']}/payment_methods")
        if not found:
            return False
        self.processor.call("POST", f"/v1/payment_methods/{found['id']}/detach")
        return True

    def hold_and_capture_in_part(self) -> bool:
        """An authorisation of which only some is taken, or nothing."""
        held = self.processor.pay(9_000, capture_method="manual")
        if self.chance.random() < 0.3:
            self.processor.call("POST", f"/v1/payment_intents/{held['id']}/cancel", cancellation_reason="abandoned")
        else:
            part = self.chance.randrange(1_000, 9_000)
            self.processor.call("POST", f"/v1/payment_intents/{held['id']}/capture", amount_to_capture=part)
        return True


def _can_fail(refund: Any) -> bool:
    # What a capture in part let go of was never taken, so no bank can send it back.
    kept = refund["destination_details"].get("card") or {}
    return refund["status"] in ("succeeded", "pending") and kept.get("type") != "reversal"


def _is_ours(customer: Any) -> bool:
    return bool(customer["metadata"] == _OURS)


TROUBLES: tuple[Callable[[Troubles], bool], ...] = (
    *(Troubles.dispute, Troubles.decide_dispute, Troubles.answer_dispute, Troubles.warn),
    *(Troubles.open_review, Troubles.close_review, Troubles.refund_in_part, Troubles.fail_refund),
    *(Troubles.fail_payout, Troubles.doom_payout, Troubles.meet_customer, Troubles.rename_customer),
    *(Troubles.delete_customer, Troubles.detach_method, Troubles.hold_and_capture_in_part),
)
