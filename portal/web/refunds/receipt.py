"""What the page of a refund says of the mail to its customer, and whether one can be asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor
from billing.commands.models import CommandState
from billing.idempotency.guard import KeyMalformed, KeyReused
from billing.refunds.models import CAME_BACK, ReceiptKind, Refund, RefundReceipt, RefundStatus
from billing.refunds.queries import RefundRecord
from billing.refunds.receipts import (
    ReceiptBarred,
    ReceiptBarrier,
    barrier_of,
    is_waiting,
    kind_due,
    reach_of,
    send_receipt,
    wants_receipt,
)
from billing.retry import StillLocked
from portal.web.masking import mask_email
from portal.web.payments.receipts import barred, not_sent

RECEIPT_REFUSALS = (ReceiptBarred, KeyMalformed, KeyReused, StillLocked)
_REFUSED: Mapping[type[Exception], Promise] = {
    KeyMalformed: _("The form came without its key, so nothing was asked for. Send it again."),
    KeyReused: _("This form was sent before by somebody else, so nothing was asked for. Send it again."),
    StillLocked: _("This refund is being changed right now. Nothing was asked for: try again in a moment."),
}
_SHOWN = (ReceiptKind.RECEIPT, ReceiptKind.CORRECTION)


@dataclass(frozen=True, slots=True)
class Said:
    """``title`` is which mail, ``text`` what of it. One that went out has ``at`` and ``to`` instead of a text."""

    title: str
    text: str = ""
    at: datetime | None = None
    to: str = ""


@dataclass(frozen=True)
class ReceiptPanel:
    """``receipts`` are all of the refund, oldest first. ``masked``: the reader may not see addresses; ``may_ask``: they
    may have one sent."""

    record: RefundRecord
    receipts: Sequence[RefundReceipt]
    masked: bool
    may_ask: bool

    @property
    def lines(self) -> Iterator[Said]:
        for kind in _SHOWN:
            alike = [each for each in self.receipts if each.kind == kind]
            if alike:
                yield self._said(alike[-1])
            elif kind == ReceiptKind.RECEIPT:
                yield Said(_title(kind), self._nothing_yet)

    @property
    def is_waiting(self) -> bool:
        """Whether one may go out by itself while somebody looks."""
        return self._is_due or any(is_waiting(each) for each in self.receipts)

    # --- Asking for one ---
    @property
    def button(self) -> str:
        """Empty where none can be asked for, or not by this reader."""
        if not self.may_ask or self._is_due or self.barrier is not None or self.record.refund is None:
            return ""
        kind = kind_due(self.record.refund)
        if any(each.kind == kind for each in self.receipts):
            return gettext("Send again")
        return gettext("Send a receipt") if kind == ReceiptKind.RECEIPT else gettext("Send the correction")

    @property
    def form_key(self) -> str:
        """Of one form: however often it is sent, it asks for one mail."""
        return str(uuid4())

    @property
    def reason(self) -> str:
        """Why whoever may ask for one cannot, where what is told of it does not say so."""
        told: set[str] = {ReceiptBarrier.WAITING, ReceiptBarrier.NOT_SETTLED, ReceiptBarrier.TEST_MODE}
        # Words for why one did not go out are the same.
        told.update(each.outcome for each in self.receipts[-1:])
        return barred(self.barrier) if self.may_ask and self.barrier and self.barrier not in told else ""

    @cached_property
    def barrier(self) -> ReceiptBarrier | None:
        refund = self.record.refund
        return barrier_of(refund, self.receipts) if refund is not None else ReceiptBarrier.NOT_SETTLED

    # --- Words ---
    @property
    def _nothing_yet(self) -> str:
        """Of a receipt that nothing has come of so far."""
        refund, asked = self.record.refund, self._is_asked_for
        if not self.record.facts.livemode:
            return gettext("Test mode: not sent") if asked else gettext("Test mode: none is sent")
        if not asked:
            return gettext("Not asked for")
        if (refund is not None and refund.provider_status in CAME_BACK) or self._came_to_nothing:
            return gettext("Not sent: nothing was refunded")
        if self._is_due:
            return gettext("Waiting to be sent")
        reach = reach_of(self.record.facts.payment)
        if reach.barrier is not None:
            return barred(reach.barrier)
        return gettext("Goes to %(address)s once the refund has succeeded") % {"address": self._shown(reach.address)}

    @property
    def _is_asked_for(self) -> bool:
        command = self.record.request
        return command is not None and wants_receipt(command)

    @property
    def _is_due(self) -> bool:
        """Whether the first is about to be written down: who does so hears of the refund a moment later."""
        refund = self.record.refund
        return (
            refund is not None
            and refund.livemode
            and refund.provider_status == RefundStatus.SUCCEEDED
            and self._is_asked_for
            and not self.receipts
        )

    @property
    def _came_to_nothing(self) -> bool:
        command = self.record.request
        return (
            self.record.refund is None
            and command is not None
            and command.settled_at is not None
            and command.command_state != CommandState.SUCCEEDED
        )

    def _said(self, receipt: RefundReceipt) -> Said:
        title, why = _title(receipt.kind), not_sent(receipt)
        if receipt.sent_at is not None:
            return Said(title, at=receipt.sent_at, to=self._shown(receipt.address))
        if why:
            return Said(title, gettext("Could not be sent: %(why)s") % {"why": why})
        return Said(title, gettext("Waiting to be sent"))

    def _shown(self, address: str) -> str:
        return mask_email(address) if self.masked else address


def ask_for_receipt(refund: Refund | None, form_key: str, *, by: Actor) -> None:
    """Raises one of RECEIPT_REFUSALS; KeyMalformed for a key that no form has."""
    if refund is None:
        raise ReceiptBarred(ReceiptBarrier.NOT_SETTLED)
    try:
        key = UUID(form_key)
    except ValueError:
        raise KeyMalformed(form_key) from None
    send_receipt(refund=refund, form_key=str(key), by=by)


def receipt_refusal(refused: Exception) -> str:
    """Why none was asked for, in a sentence, of one of RECEIPT_REFUSALS."""
    if isinstance(refused, ReceiptBarred):
        return barred(refused.barrier)
    return str(_REFUSED[type(refused)])


def _title(kind: str) -> str:
    return gettext("Receipt") if kind == ReceiptKind.RECEIPT else gettext("Correction")
