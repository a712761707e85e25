"""What a second person approves is a command of any kind."""

from billing.approvals.kinds import Handling, Trail, approval_kind
from billing.audit.actor import Actor
from billing.commands import settle
from billing.commands.models import CommandKind, MoneyCommand
from billing.commands.request import digest


def _lock(public_id: str) -> MoneyCommand:
    """Its payment first, as everywhere."""
    payments = MoneyCommand._meta.get_field("payment").related_model._default_manager
    payment_id = MoneyCommand.objects.values_list("payment_id", flat=True).get(public_id=public_id)
    payments.select_for_update(of=("self",), no_key=True).get(pk=payment_id)
    rows = MoneyCommand.objects.select_for_update(of=("self",), no_key=True).select_related("payment")
    return rows.get(public_id=public_id)


def _approve(command: MoneyCommand, by: Actor) -> Trail | None:
    return settle.let_go(command=command, by=by)


def _refuse(command: MoneyCommand, decision: str, by: Actor) -> Trail | None:
    return settle.refuse(command=command, decision=decision, by=by)


for _kind in CommandKind.values:
    approval_kind(_kind, Handling(_lock, digest, _approve, _refuse))
