"""Writes down what is to be done, before anybody is asked to do it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from billing import clock
from billing.approvals.models import Approval
from billing.approvals.request import digest_of, request_approval
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.commands.models import LONGEST_NOTE, CommandKind, CommandState, MoneyCommand
from billing.commands.needs import Need, need_of
from billing.money import Money
from billing.outbox.publish import Fact, publish
from billing.queue.models import State
from billing.queue.nudge import nudge

QUEUE = "commands"


class RequestOutsideTransaction(RuntimeError):
    """A command must commit or vanish together with the look at what it may do."""


class NoteTooLong(ValueError):
    """More than LONGEST_NOTE characters."""


def tidy_note(note: str) -> str:
    """On one line, as it is kept. Raises NoteTooLong."""
    tidy = " ".join(note.split())
    if len(tidy) > LONGEST_NOTE:
        raise NoteTooLong(f"{len(tidy)} characters")
    return tidy


def request_command(
    *,
    kind: CommandKind,
    key: UUID,
    public_id: str,
    payment: Any,
    money: Money,
    parameters: Mapping[str, Any],
    reason: str,
    note: str,
    by: Actor,
) -> MoneyCommand:
    """A command that waits to be sent, or for a second person where one is needed; in the caller's transaction, after
    count_alone() and under the lock of its payment.

    ``parameters`` hold JSON. Writes the trail's row, which should be the last that the transaction does. Raises
    RequestOutsideTransaction.
    """
    if not connection.in_atomic_block:
        raise RequestOutsideTransaction(f"a {kind} must be asked for inside transaction.atomic()")
    need = need_of(kind=kind, payment=payment, money=money, by=by)
    command = MoneyCommand.objects.create(
        key=key,
        public_id=public_id,
        merchant_id=payment.merchant_id,
        account_id=payment.account_id,
        livemode=payment.livemode,
        payment=payment,
        charge_id=payment.external_charge_id,
        kind=kind,
        amount=money.minor,
        currency=money.currency,
        parameters=parameters,
        reason=reason,
        note=note,
        command_state=CommandState.REQUESTED if need else CommandState.APPROVED,
        # Nobody claims what is parked and was never tried.
        state=State.PARKED if need else State.PENDING,
        requested_by_kind=by.kind,
        requested_by_id=by.id,
        requested_by=by.label,
        requested_at=clock.now(),
    )
    tell(command)
    approval = _ask_somebody(command, need, by) if need else None
    nudge(QUEUE)
    _record(command, approval, by)
    return command


def _record(command: MoneyCommand, approval: Approval | None, by: Actor) -> None:
    kind = command.kind
    after = {
        "payment": command.payment.public_id,
        "amount": command.amount,
        "currency": command.currency,
        "reason": command.reason,
        "livemode": command.livemode,
    }
    record(
        merchant_id=command.merchant_id,
        actor=by,
        action=f"{kind}.requested",
        object_type=kind,
        object_id=command.public_id,
        after={**after, "approval": approval.public_id} if approval else after,
    )


def digest(command: MoneyCommand) -> str:
    """Of all that whoever approves it must have seen."""
    return digest_of(
        {
            "kind": command.kind,
            "key": str(command.key),
            "account": str(command.account_id),
            "livemode": command.livemode,
            "payment": command.payment.public_id,
            "amount": command.amount,
            "currency": command.currency,
            "parameters": command.parameters,
            "reason": command.reason,
            "note": command.note,
            "requested_by": command.requested_by_id,
        }
    )


def _ask_somebody(command: MoneyCommand, need: Need, by: Actor) -> Approval:
    return request_approval(
        kind=command.kind,
        object_id=command.public_id,
        merchant_id=command.merchant_id,
        livemode=command.livemode,
        digest=digest(command),
        cause=need.cause,
        by=by,
        money=Money(command.amount, command.currency),
        limit_amount=need.limit_amount,
    )


def tell(command: MoneyCommand) -> None:
    """The outbox hears that the command changed; writes nothing else."""
    told = {"payment": command.payment.public_id, "state": str(command.command_state)}
    publish([Fact("command.changed", command.merchant_id, command.livemode, command.public_id, told)])
