"""Mails to customers about their refunds: which are due, and which a person may ask for. Others send them.

In test mode nobody is written to.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, Q

from billing import clock
from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.commands.models import CommandKind, MoneyCommand
from billing.customers.models import Customer
from billing.idempotency.guard import once
from billing.mirror.models import MirroredQuerySet
from billing.outbox.models import OutboxEvent
from billing.outbox.publish import Fact, publish
from billing.outbox.subscribe import subscriber
from billing.payments.models import Payment
from billing.queue.models import State
from billing.queue.nudge import nudge
from billing.refunds.models import CAME_BACK, ReceiptKind, ReceiptOutcome, Refund, RefundReceipt, RefundStatus
from billing.retry import commit

QUEUE = "receipts"
# Of one kind about one refund in 24 hours: nobody's mailbox is filled from here.
MOST_A_DAY = 5
_DAY = timedelta(hours=24)


class ReceiptBarrier(StrEnum):
    """Why no mail about a refund can be asked for. NOT_SETTLED: there is nothing to tell, or not yet."""

    TEST_MODE = "test_mode"
    NOT_SETTLED = "not_settled"
    NO_ADDRESS = "no_address"
    DELETED = "deleted"
    WAITING = "waiting"
    TOO_OFTEN = "too_often"


class ReceiptBarred(Exception):
    """No mail goes out; ``barrier`` says why."""

    def __init__(self, barrier: ReceiptBarrier) -> None:
        super().__init__(f"no receipt: {barrier}")
        self.barrier = barrier


@dataclass(frozen=True, slots=True)
class Reach:
    """How the customer of a payment is written to. ``barrier`` is None where there is an ``address``; ``languages`` are
    what they like to read, best first, as far as that is known."""

    address: str
    barrier: ReceiptBarrier | None
    languages: Sequence[str] = ()


def reach_of(payment: Payment) -> Reach:
    """By what the payment says, else by what is known of its customer. Whoever was deleted at the processor wants to
    be forgotten and is written to no more. At most one query."""
    named = Customer.objects.for_merchant(payment.merchant_id, payment.livemode).filter(
        account=payment.account_id, external_id=payment.customer_external_id
    )
    customer = named.first() if payment.customer_external_id else None
    if customer is not None and customer.deleted:
        return Reach("", ReceiptBarrier.DELETED)
    addresses = (payment.customer_email, customer.email if customer else "")
    address = next(filter(_is_address, addresses), "")
    languages = [each for each in customer.languages.split(",") if each] if customer else []
    return Reach(address, None if address else ReceiptBarrier.NO_ADDRESS, languages)


def wants_receipt(command: MoneyCommand) -> bool:
    """Whether whoever asked for this refund wanted its customer to be told."""
    return command.parameters.get("receipt") is True


def kind_due(refund: Refund) -> ReceiptKind | None:
    """What its customer can be told as things stand: a correction only where a receipt was sent."""
    if not refund.livemode:
        return None
    if refund.provider_status == RefundStatus.SUCCEEDED:
        return ReceiptKind.RECEIPT
    came_back = refund.provider_status in CAME_BACK
    return ReceiptKind.CORRECTION if came_back and last_sent(refund) is not None else None


def last_sent(refund: Refund) -> RefundReceipt | None:
    """The last receipt that went out; None where the customer was never told of the refund."""
    return refund.receipts.filter(kind=ReceiptKind.RECEIPT, outcome=ReceiptOutcome.SENT).order_by("number").last()


def barrier_of(refund: Refund, receipts: Sequence[RefundReceipt]) -> ReceiptBarrier | None:
    """Why no mail about it can be asked for now; None where one can. ``receipts`` are all of the refund."""
    if not refund.livemode:
        return ReceiptBarrier.TEST_MODE
    kind = kind_due(refund)
    if kind is None:
        return ReceiptBarrier.NOT_SETTLED
    alike = [each for each in receipts if each.kind == kind]
    if any(is_waiting(each) for each in alike):
        return ReceiptBarrier.WAITING
    if sum(each.requested_at > clock.now() - _DAY for each in alike) >= MOST_A_DAY:
        return ReceiptBarrier.TOO_OFTEN
    return reach_of(refund.payment).barrier


def is_waiting(receipt: RefundReceipt) -> bool:
    """Whether it may still go out by itself."""
    return receipt.state not in (State.DONE, State.DEAD)


def receipts_of(refund: Refund) -> list[RefundReceipt]:
    """Oldest first, each with the refund."""
    return list(refund.receipts.select_related("refund").order_by("requested_at", "pk"))


def receipts_of_payment(payment: Payment) -> list[RefundReceipt]:
    """Of all its refunds, oldest first, each with its refund."""
    receipts = RefundReceipt.objects.filter(refund__payment=payment)
    return list(receipts.select_related("refund").order_by("requested_at", "pk"))


def send_receipt(*, refund: Refund, form_key: str, by: Actor) -> None:
    """Asks for what kind_due() says, once however often a form with this key is sent. The caller has found the refund
    among the merchant's own. Raises ReceiptBarred, KeyReused, KeyMalformed,
    StillLocked."""

    def ask() -> str:
        locked = _locked([refund.pk])[0]
        receipts, kind = receipts_of(locked), kind_due(locked)
        barrier = barrier_of(locked, receipts)
        if barrier is not None or kind is None:
            raise ReceiptBarred(barrier or ReceiptBarrier.NOT_SETTLED)
        number = 1 + max((each.number for each in receipts if each.kind == kind), default=0)
        receipt = RefundReceipt.objects.create(
            refund=locked, kind=kind, number=number, requested_by=by.label, requested_at=clock.now()
        )
        _tell([locked])
        nudge(QUEUE)
        _record(receipt, "refund.receipt_requested", by)
        return receipt.public_id

    sent = {"action": "refund.receipt", "refund": refund.public_id, "by": by.id}
    commit(lambda: once(merchant_id=refund.merchant_id, key=f"receipt {form_key}", request=sent, work=ask))


@subscriber("refund.changed", "command.changed")
def queue_receipts(events: Sequence[OutboxEvent]) -> None:
    """What the customers of these refunds are to be told by themselves: that one succeeded, where whoever asked for it
    wanted that, and that one came back of which a receipt was sent."""
    asked = MoneyCommand.objects.filter(
        kind=CommandKind.REFUND,
        account=OuterRef("account"),
        external_id=OuterRef("external_id"),
        parameters__receipt=True,
    )
    receipts = RefundReceipt.objects.filter(refund=OuterRef("pk"), kind=ReceiptKind.RECEIPT)
    corrections = RefundReceipt.objects.filter(refund=OuterRef("pk"), kind=ReceiptKind.CORRECTION)
    succeeded = Q(Exists(asked), ~Exists(receipts), provider_status=RefundStatus.SUCCEEDED)
    came_back = Q(Exists(receipts), ~Exists(corrections), provider_status__in=CAME_BACK)
    due: dict[ReceiptKind, list[Refund]] = defaultdict(list)
    # Under their locks either this sees that a receipt was sent, or whoever sends it sees that they came back.
    for refund in _locked(_refunds_of(events).filter(succeeded | came_back).values_list("pk", flat=True)):
        kind = kind_due(refund)
        if kind is not None:
            due[kind].append(refund)
    for kind, refunds in due.items():
        _queue(refunds, kind)


def conclude(*, receipt: RefundReceipt, outcome: ReceiptOutcome, address: str, at: datetime) -> Mapping[str, Any]:
    """The columns that end it, in the transaction in which they are written. ``address`` and ``at`` are to whom and
    when it was sent, if it was. Writes the trail's row, which should be the last that the transaction does."""
    refund = _locked([receipt.refund_id])[0]
    _tell([refund])
    if outcome != ReceiptOutcome.SENT:
        return {"outcome": outcome}
    if receipt.kind == ReceiptKind.RECEIPT and refund.provider_status in CAME_BACK:
        _queue([refund], ReceiptKind.CORRECTION)
    _record(receipt, "refund.receipt_sent", SYSTEM)
    return {"outcome": outcome, "address": address, "sent_at": at}


def _refunds_of(events: Iterable[OutboxEvent]) -> MirroredQuerySet[Refund]:
    """Those that facts tell of by themselves, or by the command that made them: one settled by hand may have made a
    refund that was known before, under another id."""
    ids = {event.object_id for event in events}
    made = MoneyCommand.objects.filter(public_id__in=ids, kind=CommandKind.REFUND, livemode=True)
    pairs = list(made.exclude(external_id="").values_list("account_id", "external_id"))
    by_command = Q(account__in={account for account, _ in pairs}, external_id__in={each for _, each in pairs})
    return Refund.objects.filter(Q(public_id__in=ids) | by_command, livemode=True)


def _locked(ids: Iterable[int]) -> list[Refund]:
    rows = Refund.objects.select_for_update(of=("self",), no_key=True).select_related("payment")
    return list(rows.filter(pk__in=list(ids)).order_by("pk"))


def _queue(refunds: Iterable[Refund], kind: ReceiptKind) -> None:
    """The first mail of this kind about each; nothing where there is one."""
    rows = [RefundReceipt(refund=refund, kind=kind, requested_at=clock.now()) for refund in refunds]
    if rows:
        RefundReceipt.objects.bulk_create(rows, ignore_conflicts=True)
        _tell(row.refund for row in rows)
        nudge(QUEUE)


def _tell(refunds: Iterable[Refund]) -> None:
    """Open pages of these refunds and of their payments hear that something is told to customers, or was."""
    publish(
        Fact("receipt.changed", each.merchant_id, each.livemode, each.public_id, {"payment": each.payment.public_id})
        for each in refunds
    )


def _record(receipt: RefundReceipt, action: str, by: Actor) -> None:
    refund = receipt.refund
    record(
        merchant_id=refund.merchant_id,
        actor=by,
        action=action,
        object_type=CommandKind.REFUND,
        object_id=refund.public_id,
        after={"kind": receipt.kind, "count": receipt.number},
    )


def _is_address(text: str) -> bool:
    """One address and nothing else: what a processor holds was typed by anybody."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
