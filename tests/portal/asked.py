"""Refunds and limits that wait for a second person, asked for as the pages do."""

import uuid
from collections.abc import Sequence
from typing import Any

from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.audit.actor import Actor
from billing.commands.models import CommandBatch, MoneyCommand
from billing.limits.change import ask_for_limit
from billing.limits.models import Action
from billing.limits.queries import Limit
from billing.merchants.models import Merchant
from billing.money import Money
from billing.payments.models import Payment
from billing.refunds.issue import Terms, issue_refund
from billing.refunds.issue_batch import BatchTerms, issue_batch
from billing.refunds.queries import refundable
from billing.refunds.reasons import RefundReason
from portal.accounts.user import User
from tests.portal.payments import address


def actor(person: User) -> Actor:
    return Actor("staff" if person.staff_role else "user", person.public_id, person.label)


def refund(payment: Payment, amount: int, by: User, *, note: str = "", **more: Any) -> MoneyCommand:
    """A refund that this person asks for."""
    payment.refresh_from_db()
    left = refundable(payment, payment.account).left
    money, receipt = Money(amount, more.pop("currency", payment.currency)), more.pop("receipt", False)
    terms = Terms(money, RefundReason.CUSTOMER_REQUEST, note, receipt=receipt)
    key = more.pop("form_key", str(uuid.uuid4()))
    return issue_refund(payment=payment, terms=terms, seen_left=left, form_key=key, by=actor(by), **more)


def batch(payments: Sequence[Payment], by: User, **more: Any) -> CommandBatch:
    """Refunds of all of these in full that this person asks for together."""
    for payment in payments:
        payment.refresh_from_db()
    given = {"terms": BatchTerms(RefundReason.GOODWILL, "Tour called off"), "form_key": str(uuid.uuid4()), **more}
    seen = {each.public_id: refundable(each, each.account).left for each in payments}
    whose = payments[0]
    return issue_batch(merchant=whose.merchant, livemode=whose.livemode, seen=seen, by=actor(by), **given)


def approval_of(command: MoneyCommand | CommandBatch) -> Approval:
    return Approval.objects.get(object_id=command.public_id)


def limit(merchant: Merchant, by: User, *, single: int = 20_000, daily: int = 90_000, **more: Any) -> Approval:
    """A new limit of Support in test mode that this person asks for."""
    given = {"livemode": False, "role": MerchantRole.SUPPORT, "action": Action.REFUND, "currency": "EUR"}
    given |= {"limit": Limit(single, daily), "reason": "Summer sale.", "by": actor(by), **more}
    return ask_for_limit(merchant=merchant, **given)


def page_of(approval: Approval, rest: str = "", *, mode: str = "test") -> str:
    return address(approval.merchant, f"approvals/{approval.public_id}/{rest}", mode)
