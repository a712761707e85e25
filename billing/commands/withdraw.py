"""Takes back what nobody has sent yet."""

from billing.audit.actor import Actor
from billing.commands.locked import locked_command
from billing.commands.models import CommandState, MoneyCommand
from billing.commands.settle import withdraw
from billing.retry import commit


class CommandSent(Exception):
    """It went out, or ended, before it could be withdrawn; ``state`` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(f"not withdrawn: {state}")
        self.state = state


class DecidedTogether(Exception):
    """It waits for approval with others: whoever decides must find all that they saw."""


def withdraw_command(*, command: MoneyCommand, by: Actor) -> None:
    """Nobody sends it any more, and what it kept of the payment is free again. One that was withdrawn already is no
    error. Raises CommandSent, DecidedTogether, StillLocked. The caller has found the command among the merchant's
    own."""

    def work() -> str:
        locked = locked_command(command.public_id)
        if locked.batch is not None and locked.command_state == CommandState.REQUESTED:
            raise DecidedTogether(locked.public_id)
        trail = withdraw(command=locked, by=by)
        if trail is not None:
            trail()
        return locked.command_state

    state = commit(work)
    if state != CommandState.CANCELLED:
        raise CommandSent(state)
