"""Commands that are asked for together: one second person looks at all of them and decides once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from billing import clock
from billing.approvals.decide import end_request
from billing.approvals.kinds import Handling, Trail, approval_kind
from billing.approvals.models import Cause, Decision
from billing.approvals.request import digest_of, request_approval
from billing.audit.actor import Actor
from billing.audit.record import record, recorded_together
from billing.commands import settle
from billing.commands.locked import locked_commands
from billing.commands.models import UNSENT, CommandBatch, CommandKind, MoneyCommand
from billing.commands.request import Order, RequestOutsideTransaction, digest, new_command, record_request, tell
from billing.commands.withdraw import CommandSent
from billing.money import Money
from billing.outbox.publish import published_together
from billing.retry import commit

# What can be asked for together.
TOGETHER = (CommandKind.REFUND,)


@dataclass(frozen=True, slots=True)
class LockedBatch:
    """With its commands, under their locks and those of their payments."""

    batch: CommandBatch
    commands: Sequence[MoneyCommand]


def approval_kind_of(kind: str) -> str:
    """What the approval of several commands of this kind is called."""
    return f"{kind}_batch"


def request_batch(*, kind: CommandKind, orders: Sequence[Order], reason: str, note: str, by: Actor) -> CommandBatch:
    """Commands that wait for a second person, whatever they come to; in the caller's transaction, after count_alone()
    and under the locks of their payments, all of one merchant, mode and currency.

    Writes rows of the trail, which should be the last that the transaction does. Raises RequestOutsideTransaction.
    """
    if not connection.in_atomic_block:
        raise RequestOutsideTransaction(f"a batch of {kind} must be asked for inside transaction.atomic()")
    first = orders[0].payment
    batch = CommandBatch.objects.create(
        merchant_id=first.merchant_id,
        livemode=first.livemode,
        kind=kind,
        amount=sum(order.money.minor for order in orders),
        currency=orders[0].money.currency,
        count=len(orders),
        reason=reason,
        note=note,
        requested_by_kind=by.kind,
        requested_by_id=by.id,
        requested_by=by.label,
        requested_at=clock.now(),
    )
    commands = MoneyCommand.objects.bulk_create(
        new_command(kind=kind, order=order, reason=reason, note=note, waits=True, by=by, batch=batch)
        for order in orders
    )
    with published_together():
        approval = request_approval(
            kind=approval_kind_of(kind),
            object_id=batch.public_id,
            merchant_id=batch.merchant_id,
            livemode=batch.livemode,
            digest=batch_digest(commands),
            cause=Cause.BATCH,
            by=by,
            money=Money(batch.amount, batch.currency),
        )
        for command in commands:
            tell(command)
    with recorded_together():
        _record(batch, f"{batch.kind}_batch.requested", by, approval=approval.public_id)
        for command in commands:
            record_request(command=command, by=by, batch=batch.public_id)
    return batch


def batch_digest(commands: Iterable[MoneyCommand]) -> str:
    """Of all that whoever approves them must have seen; of all commands of one batch."""
    ordered = sorted(commands, key=lambda command: command.public_id)
    return digest_of({"commands": [digest(command) for command in ordered]})


def withdraw_batch(*, batch: CommandBatch, by: Actor) -> int:
    """Nobody sends what has not been sent yet; how many those were. Raises CommandSent when all had been sent, or had
    ended, and StillLocked. The caller has found the batch among the merchant's own."""
    return commit(lambda: _withdraw(batch, by))


def _withdraw(batch: CommandBatch, by: Actor) -> int:
    commands = locked_commands(batch=batch)
    unsent = [command for command in commands if command.command_state in UNSENT]
    if not unsent:
        raise CommandSent(commands[0].command_state)
    kind = approval_kind_of(batch.kind)
    with published_together():
        trails = [settle.withdraw(command=command, by=by) for command in unsent]
        end_request(object_id=batch.public_id, kind=kind, decision=Decision.WITHDRAWN, by=by)
    _write([lambda: _record(batch, f"{batch.kind}_batch.cancelled", by, withdrawn=len(unsent)), *trails])
    return len(unsent)


def _lock(public_id: str) -> LockedBatch:
    batch = CommandBatch.objects.get(public_id=public_id)
    return LockedBatch(batch, locked_commands(batch=batch))


def _digest(locked: LockedBatch) -> str:
    return batch_digest(locked.commands)


def _approve(locked: LockedBatch, by: Actor) -> Trail | None:
    with published_together():
        return _all([settle.let_go(command=command, by=by) for command in locked.commands])


def _refuse(locked: LockedBatch, decision: str, by: Actor) -> Trail | None:
    with published_together():
        return _all([settle.refuse(command=command, decision=decision, by=by) for command in locked.commands])


def _all(trails: Sequence[Trail | None]) -> Trail | None:
    """None where each of them had ended."""
    return (lambda: _write(trails)) if any(trails) else None


def _write(trails: Sequence[Trail | None]) -> None:
    with recorded_together():
        for trail in filter(None, trails):
            trail()


def _record(batch: CommandBatch, action: str, by: Actor, **more: str | int) -> None:
    told = {"count": batch.count, "amount": batch.amount, "currency": batch.currency, "livemode": batch.livemode}
    record(
        merchant_id=batch.merchant_id,
        actor=by,
        action=action,
        object_type=approval_kind_of(batch.kind),
        object_id=batch.public_id,
        after={**told, "reason": batch.reason, **more},
    )


for _kind in TOGETHER:
    approval_kind(approval_kind_of(_kind), Handling(_lock, _digest, _approve, _refuse))
