"""Takes a refund back that nobody has sent yet."""

from django.db import transaction

from billing.audit.actor import Actor
from billing.commands.models import CommandState, MoneyCommand
from billing.commands.settle import withdraw
from billing.payments.models import Payment


class RefundSent(Exception):
    """It went out, or ended, before it could be withdrawn; ``state`` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(f"not withdrawn: {state}")
        self.state = state


def withdraw_refund(*, command: MoneyCommand, by: Actor) -> None:
    """Nobody sends it any more, and what it kept of the payment is free again. One that was withdrawn already is no
    error. Raises RefundSent. The caller has found the command among the merchant's own."""
    with transaction.atomic(durable=True):
        Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=command.payment_id)
        trail = withdraw(command=command, by=by)
        if trail is not None:
            trail()
            return
    command.refresh_from_db(fields=["command_state"])
    if command.command_state != CommandState.CANCELLED:
        raise RefundSent(command.command_state)
