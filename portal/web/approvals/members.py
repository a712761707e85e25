"""What is asked for together, line by line, for whoever decides about all of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandBatch, MoneyCommand
from billing.refunds.queries import Barrier, Refundable, refundables
from portal.web.approvals.subjects import customer_of, method_of, payment_called

_TROUBLES: Mapping[Barrier, Promise] = {
    Barrier.DISPUTED: _("The customer’s bank has opened a dispute meanwhile: the refund would fail."),
    Barrier.LOST: _("The payment was lost to a dispute meanwhile: the refund would fail."),
    Barrier.NOT_CONNECTED: _("The connection to the processor has ended: the refund would fail."),
}
_REFUNDED = _("Less is left of the payment by now than is asked for: the refund would fail.")


@dataclass(frozen=True, slots=True)
class Member:
    """``trouble`` says what became of the payment since, where its refund would fail; empty elsewhere."""

    command: MoneyCommand
    called: str
    customer: str
    method: str
    trouble: str


def in_order(batch: CommandBatch, *related: str) -> list[MoneyCommand]:
    """Its commands as the list of payments has them, newest first, with what is ``related``."""
    return list(batch.commands.select_related(*related).order_by("-payment__created_at", "-payment_id"))


def members_of(batch: CommandBatch, *, by_person: bool, waits: bool) -> list[Member]:
    """In the order of the list of payments; ``waits``: somebody can still decide."""
    commands = in_order(batch, "payment__account")
    now = refundables([command.payment for command in commands]) if waits else {}
    return [
        Member(
            command,
            payment_called(command.payment, by_person=by_person),
            customer_of(command.payment, by_person=by_person),
            method_of(command.payment),
            trouble_of(command, now[command.payment_id]) if waits else "",
        )
        for command in commands
    ]


def trouble_of(command: MoneyCommand, now: Refundable) -> str:
    """Why a refund that waits would fail by now; empty where it would not. ``now`` is of its payment."""
    payment = command.payment
    # That it waits itself leaves nothing of the payment, which bars all else.
    if payment.open_chargebacks:
        return str(_TROUBLES[Barrier.DISPUTED])
    if now.captured - now.refunded - now.lost < command.amount:
        return str(_TROUBLES[Barrier.LOST] if now.lost else _REFUNDED)
    return "" if payment.account.is_connected else str(_TROUBLES[Barrier.NOT_CONNECTED])
