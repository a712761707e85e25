"""Captures and cancellations of which an event tells before any answer does."""

from collections.abc import Iterable, Mapping

from billing.commands import settle
from billing.commands.models import UNANSWERED, CommandKind, MoneyCommand
from billing.payments.hold import OF_HOLDS
from billing.payments.models import Payment, PaymentStatus
from billing.webhooks.handlers import at_the_end


def settle_holds(payments: Iterable[Payment]) -> None:
    """Under the locks of these payments, once they show what the events tell."""
    by_id = {payment.pk: payment for payment in payments}
    waiting = MoneyCommand.objects.filter(payment_id__in=by_id, kind__in=OF_HOLDS, command_state__in=UNANSWERED)
    for command in waiting.order_by("pk"):
        payment = by_id[command.payment_id]
        command.payment = payment
        if _is_carried_out(command, payment):
            trail = settle.succeed(command=command, external_id=payment.external_id)
            if trail is not None:
                at_the_end(trail)


def settle_releases(refunds: Mapping[int, str]) -> None:
    """The same of charges without an intent, once these refunds are written, named by the processor's id and given by
    the id of their payment: one that let go of all that was authorised carries out a cancellation."""
    waiting = MoneyCommand.objects.filter(
        payment_id__in=refunds, kind=CommandKind.CANCEL, command_state__in=UNANSWERED
    ).filter(payment__status=PaymentStatus.CANCELLED)
    for command in waiting.select_related("payment").order_by("pk"):
        trail = settle.succeed(command=command, external_id=refunds[command.payment_id])
        if trail is not None:
            at_the_end(trail)


def _is_carried_out(command: MoneyCommand, payment: Payment) -> bool:
    if command.kind == CommandKind.CAPTURE:
        return payment.amount_captured == command.amount
    return payment.provider_status == "canceled"
