"""Takes back what nobody has sent yet."""

from django.db import transaction

from billing.audit.actor import Actor
from billing.commands.locked import locked_command
from billing.commands.models import CommandState, MoneyCommand
from billing.commands.settle import withdraw


class CommandSent(Exception):
    """It went out, or ended, before it could be withdrawn; ``state`` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(f"not withdrawn: {state}")
        self.state = state


def withdraw_command(*, command: MoneyCommand, by: Actor) -> None:
    """Nobody sends it any more, and what it kept of the payment is free again. One that was withdrawn already is no
    error. Raises CommandSent. The caller has found the command among the merchant's own."""
    with transaction.atomic(durable=True):
        locked = locked_command(command.public_id)
        trail = withdraw(command=locked, by=by)
        if trail is not None:
            trail()
    if trail is None and locked.command_state != CommandState.CANCELLED:
        raise CommandSent(locked.command_state)
