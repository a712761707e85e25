"""What customers were told of refunds, in words for those who work with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.queue.models import State
from billing.refunds.models import ReceiptKind, ReceiptOutcome, RefundReceipt
from billing.refunds.receipts import MOST_A_DAY, ReceiptBarrier
from portal.web.payments.timeline import Kind, Line, weave
from reports.templatetags.money import money_plain, number

Text = str | Promise
_BARRIERS: Mapping[ReceiptBarrier, Text] = {
    ReceiptBarrier.TEST_MODE: _("Test mode: customers are not written to."),
    ReceiptBarrier.NOT_SETTLED: _("There is nothing to tell yet: the refund has not succeeded."),
    ReceiptBarrier.NO_ADDRESS: _("No e-mail address is known for this customer."),
    ReceiptBarrier.DELETED: _("This customer was deleted at the processor and is not written to any more."),
    ReceiptBarrier.WAITING: _("It is on its way already."),
}
_NOT_SENT: Mapping[str, Text] = {
    ReceiptOutcome.OVERTAKEN: _("the refund changed before it went out"),
    ReceiptOutcome.NO_ADDRESS: _("no e-mail address is known for this customer"),
    ReceiptOutcome.DELETED: _("this customer was deleted at the processor"),
    ReceiptOutcome.REFUSED: _("the mail server refuses the address or the mail"),
    ReceiptOutcome.NOT_TAKEN: _("no mail server took it within three days"),
}
_SENT: Mapping[str, Text] = {
    ReceiptKind.RECEIPT: _("Receipt for the refund of %(amount)s sent to the customer"),
    ReceiptKind.CORRECTION: _("Customer told that the refund of %(amount)s failed"),
}
_FAILED: Mapping[str, Text] = {
    ReceiptKind.RECEIPT: _("Receipt for the refund of %(amount)s not sent"),
    ReceiptKind.CORRECTION: _("Customer not told that the refund of %(amount)s failed"),
}
# Of what no person asked for afterwards.
_BY_ITSELF: Mapping[str, Text] = {
    ReceiptKind.RECEIPT: _("Asked for with the refund"),
    ReceiptKind.CORRECTION: _("Because a receipt was sent before"),
}


def barred(barrier: ReceiptBarrier) -> str:
    """Why none can be sent, in a sentence."""
    if barrier is ReceiptBarrier.TOO_OFTEN:
        return gettext("%(n)s were asked for in 24 hours. More can be sent later.") % {"n": number(MOST_A_DAY)}
    return str(_BARRIERS[barrier])


def not_sent(receipt: RefundReceipt) -> str:
    """Why it did not go out, as a part of a sentence; empty for one that did, or may yet."""
    if receipt.state == State.DEAD:
        return gettext("something is wrong here, and whoever runs this site sees what")
    return str(_NOT_SENT.get(receipt.outcome, ""))


def _lines(receipts: Iterable[RefundReceipt]) -> Iterator[Line]:
    """Of mails that went out, or never will, each with its refund; in the order in which they come."""
    for receipt in receipts:
        amount = {"amount": money_plain(receipt.refund.amount, receipt.refund.currency)}
        source = receipt.requested_by or str(_BY_ITSELF[receipt.kind])
        why = not_sent(receipt)
        if receipt.sent_at is not None:
            yield Line("neutral", "mail", str(_SENT[receipt.kind]) % amount, receipt.sent_at, source, kind=Kind.PEOPLE)
        elif why and receipt.processed_at is not None:
            what = str(_FAILED[receipt.kind]) % amount
            yield Line("warn", "mail", what, receipt.processed_at, f"{source}: {why}", kind=Kind.PEOPLE)


def with_receipts(lines: Sequence[Line], receipts: Iterable[RefundReceipt]) -> list[Line]:
    """Newest first."""
    return weave(lines, _lines(receipts))
