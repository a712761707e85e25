"""Refunds of which customers are told by mail, for tests of the mails and of the pages that tell of them."""

from typing import Any

from billing.commands.models import MoneyCommand, Reply
from billing.payments.models import Payment
from billing.queue.run import claim_and_run
from billing.refunds.models import ReceiptKind, Refund, RefundReceipt
from portal.notifications.receipts import RECEIPTS
from tests.portal.follow_ups import tell
from tests.portal.notifications.desk import relay
from tests.portal.requests import ask, made_of, send


def asked(
    payment: Payment, minor: int = 1230, *, receipt: bool = True, **made: Any
) -> tuple[MoneyCommand, dict[str, Any]]:
    """A refund that was asked for and sent, and what the processor makes of it."""
    command = ask(payment, minor, receipt=receipt)
    send(command, Reply.DONE)
    return command, made_of(command, **made)


def refunded(payment: Payment, minor: int = 1230, *, receipt: bool = True, **made: Any) -> Refund:
    """One that succeeded, of which everybody has heard; no mail has gone out yet."""
    _, source = asked(payment, minor, receipt=receipt, **made)
    tell(payment, ("refund.created", source, 200))
    relay()
    return Refund.objects.get(external_id=source["id"])


def come_back(refund: Refund, *, status: str = "failed") -> None:
    """It fails after it succeeded, and everybody hears of that."""
    command = MoneyCommand.objects.get(external_id=refund.external_id)
    source = made_of(command, id=refund.external_id, status=status, failure_reason="declined")
    tell(refund.payment, ("refund.failed", source, 400))
    relay()
    refund.refresh_from_db()


def send_mails() -> None:
    """All that is due, and whatever follows of it."""
    while claim_and_run(RECEIPTS):
        relay()


def mails(refund: Refund, kind: str = ReceiptKind.RECEIPT) -> list[RefundReceipt]:
    return list(refund.receipts.filter(kind=kind).order_by("number"))
