"""A merchant, its people, and what they ask for: facts go through the real outbox to whoever subscribed."""

import uuid
from typing import Any

from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.audit.actor import Actor
from billing.commands.models import MoneyCommand
from billing.merchants.models import Merchant
from billing.money import Money
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.payments.models import Payment
from billing.queue.run import claim_and_run
from billing.refunds.issue import Terms, issue_refund
from billing.refunds.queries import refundable
from billing.refunds.reasons import RefundReason
from portal.accounts.user import User
from portal.notifications.models import Notice
from tests.billing.deliveries import make_connection
from tests.portal.payments import pay
from tests.portal.people import make_merchant, make_person

# More than Support may give back alone.
LARGE, SMALL = 150_00, 5_00


class Desk:
    def __init__(self, *, livemode: bool = False, merchant: Merchant | None = None) -> None:
        self.merchant = merchant or make_merchant()
        self.account = make_connection(self.merchant, livemode=livemode)
        self.support = self.hires(MerchantRole.SUPPORT)

    def hires(self, role: MerchantRole) -> User:
        return make_person(merchant=self.merchant, role=role)

    def sells(self, amount: int = 500_00) -> Payment:
        return pay(self.account, amount=amount)

    def asks(self, amount: int = LARGE, by: User | None = None, payment: Payment | None = None) -> MoneyCommand:
        payment = payment or self.sells()
        payment.refresh_from_db()
        return issue_refund(
            payment=payment,
            terms=Terms(Money(amount, "EUR"), RefundReason.CUSTOMER_REQUEST),
            seen_left=refundable(payment, payment.account).left,
            form_key=str(uuid.uuid4()),
            by=actor(by or self.support),
        )

    def asks_approval(self, **more: Any) -> Approval:
        return Approval.objects.get(object_id=self.asks(**more).public_id)


def actor(person: User) -> Actor:
    return Actor("staff" if person.staff_role else "user", person.public_id, person.label)


def relay() -> None:
    """All that happened reaches whoever wants to know, and what they make of it, too."""
    while claim_and_run(OUTBOX) + claim_and_run(DELIVERIES):
        pass


def told(person: User, kind: str = "") -> list[Notice]:
    notices = Notice.objects.filter(recipient=person).select_related("merchant", "recipient").order_by("pk")
    return [notice for notice in notices if kind in ("", notice.kind)]
