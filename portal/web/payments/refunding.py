"""What the page of a payment says of refunding it: where that is asked for, or why it cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.payments.models import Payment, PaymentStatus
from billing.refunds.queries import Barrier

Text = str | Promise
_BARRIERS: Mapping[Barrier, Text] = {
    Barrier.NOT_CAPTURED: _("No money was captured, so there is nothing to refund."),
    Barrier.DISPUTED: _("This payment is disputed. Answer the dispute instead; if you win, it can be refunded again."),
    Barrier.REFUNDED: _("All that was captured has been refunded."),
    Barrier.UNDER_WAY: _(
        "All that is left is in refunds under way. What one of them does not give back is free again."
    ),
    Barrier.LOST: _("The customer’s bank took the money back in a dispute, so nothing is left to refund."),
    Barrier.NOT_CONNECTED: _(
        "The connection to the processor has ended. Once an Owner or Admin has connected the account again, the payment"
        " can be refunded."
    ),
}


@dataclass(frozen=True, slots=True)
class RefundAction:
    """``url`` has the form. Without it ``reason`` says why there is none, empty where nobody asks for refunds."""

    url: str = ""
    reason: Text = ""


def barrier_text(barrier: Barrier, payment: Payment) -> str:
    """Why nothing of the payment can be given back, and what helps."""
    if barrier is Barrier.NOT_CAPTURED and payment.status == PaymentStatus.AUTHORISED:
        return gettext("The amount is only held so far. Once it is captured, it can be refunded.")
    return str(_BARRIERS[barrier])
