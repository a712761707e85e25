"""What a second person approves is a command of any kind."""

from billing.approvals.kinds import Handling, Trail, approval_kind
from billing.audit.actor import Actor
from billing.commands import settle
from billing.commands.locked import locked_command
from billing.commands.models import CommandKind, MoneyCommand
from billing.commands.request import digest


def _approve(command: MoneyCommand, by: Actor) -> Trail | None:
    return settle.let_go(command=command, by=by)


def _refuse(command: MoneyCommand, decision: str, by: Actor) -> Trail | None:
    return settle.refuse(command=command, decision=decision, by=by)


for _kind in CommandKind.values:
    approval_kind(_kind, Handling(locked_command, digest, _approve, _refuse))
