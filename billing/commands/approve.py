"""What a second person approves is a command of any kind, and it goes out while that approval stands."""

from collections.abc import Collection, Mapping

from billing.approvals.kinds import Handling, Trail, approval_kind
from billing.approvals.models import Approval
from billing.approvals.queries import approvals_of, still_stands
from billing.audit.actor import Actor
from billing.commands import settle
from billing.commands.batch import approval_kind_of, batch_digest
from billing.commands.locked import locked_command
from billing.commands.models import CommandBatch, CommandKind, MoneyCommand
from billing.commands.request import digest


def not_approved(rows: Collection[MoneyCommand]) -> frozenset[int]:
    """Keys of those whose approval does not stand any more, or is not for what they are. Those that needed none alone
    have none."""
    batches = {row.batch for row in rows if row.batch is not None}
    alone = [row for row in rows if row.batch is None]
    approvals = approvals_of([*(row.public_id for row in alone), *(batch.public_id for batch in batches)])
    void = {batch for batch in batches if not _all_stand(batch, approvals)}
    changed = {row for row in alone if not _stands(approvals.get((row.kind, row.public_id)), row)}
    return frozenset(row.pk for row in rows if row in changed or row.batch in void)


def _stands(approval: Approval | None, row: MoneyCommand) -> bool:
    return approval is None or (still_stands(approval) and approval.digest == digest(row))


def _all_stand(batch: CommandBatch, approvals: Mapping[tuple[str, str], Approval]) -> bool:
    approval = approvals.get((approval_kind_of(batch.kind), batch.public_id))
    if approval is None or not still_stands(approval):
        return False
    return approval.digest == batch_digest(batch.commands.select_related("payment"))


def _approve(command: MoneyCommand, by: Actor) -> Trail | None:
    return settle.let_go(command=command, by=by)


def _refuse(command: MoneyCommand, decision: str, by: Actor) -> Trail | None:
    return settle.refuse(command=command, decision=decision, by=by)


for _kind in CommandKind.values:
    approval_kind(_kind, Handling(locked_command, digest, _approve, _refuse))
