"""Refunds that somebody asked for here, and what came of them so far, for tests of their pages."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from billing import clock
from billing.audit.actor import Actor
from billing.commands.models import METADATA, Call, CommandState, MoneyCommand, Reply
from billing.merchants.models import Membership, Merchant
from billing.money import Money
from billing.payments.models import Payment
from billing.refunds.issue import Terms, issue_refund
from billing.refunds.queries import refundable
from billing.refunds.reasons import RefundReason
from tests.billing.deliveries import T0
from tests.portal.follow_ups import refund
from tests.portal.payments import address
from tests.portal.people import make_person


def nadia(merchant: Merchant) -> Actor:
    """Who asks: a member, because what strangers ask for needs a second person."""
    known = Membership.objects.filter(merchant=merchant).first()
    user = known.user if known else make_person(merchant=merchant)
    return Actor("user", user.public_id, "Nadia Petit")


def ask(
    payment: Payment, minor: int = 1230, note: str = "Zip fails, credit agreed.", *, receipt: bool = False
) -> MoneyCommand:
    """A request as the form leaves it."""
    left = refundable(payment, payment.account).left
    terms = Terms(Money(minor, payment.currency), RefundReason.GOODWILL, note, receipt=receipt)
    return issue_refund(
        payment=payment, terms=terms, seen_left=left, form_key=str(uuid.uuid4()), by=nadia(payment.merchant)
    )


def send(command: MoneyCommand, reply: str = Reply.UNCLEAR) -> None:
    """It went out, and this is what is known of it."""
    now = clock.now()
    MoneyCommand.objects.filter(pk=command.pk).update(command_state=CommandState.SENDING, first_sent_at=now)
    command.refresh_from_db()
    ended = {"reply": reply, "ended_at": now} if reply else {}
    command.exchanges.create(call=Call.SEND, began_at=now, request_id="req_abc", **ended)


def lose(command: MoneyCommand, asked: Sequence[str] = ()) -> None:
    """No clear answer came; ``asked`` are the replies to questions about it since."""
    send(command)
    now = clock.now()
    MoneyCommand.objects.filter(pk=command.pk).update(
        command_state=CommandState.UNKNOWN, unknown_since=now, next_attempt_at=now + timedelta(minutes=5)
    )
    for number, reply in enumerate(asked, start=1):
        at = now + timedelta(seconds=number)
        command.exchanges.create(call=Call.ASK, began_at=at, ended_at=at, reply=reply)


def made_of(command: MoneyCommand, **fields: Any) -> dict[str, Any]:
    """The processor's refund of that request."""
    base = {"amount": command.amount, "metadata": {METADATA: str(command.key)}, "created": T0 + 200}
    return refund(command.payment, **{**base, **fields})


def page_of(row: Any, rest: str = "", mode: str = "test") -> str:
    """Of a refund, or of a request for one."""
    return address(row.merchant, f"refunds/{row.public_id}/{rest}", mode)
