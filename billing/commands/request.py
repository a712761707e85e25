"""Writes down what is to be done, before anybody is asked to do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from billing import clock
from billing.approvals.models import Approval
from billing.approvals.request import digest_of, request_approval
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.commands.models import LONGEST_NOTE, CommandBatch, CommandKind, CommandState, MoneyCommand
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


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with one payment, and is frozen: see MoneyCommand."""

    key: UUID
    public_id: str
    payment: Any
    money: Money
    parameters: Mapping[str, Any]


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
    order = Order(key, public_id, payment, money, parameters)
    command = new_command(kind=kind, order=order, reason=reason, note=note, waits=need is not None, by=by)
    command.save(force_insert=True)
    tell(command)
    approval = _ask_somebody(command, need, by) if need else None
    nudge(QUEUE)
    record_request(command=command, by=by, **({"approval": approval.public_id} if approval else {}))
    return command


def new_command(
    *,
    kind: CommandKind,
    order: Order,
    reason: str,
    note: str,
    waits: bool,
    by: Actor,
    batch: CommandBatch | None = None,
) -> MoneyCommand:
    """Not saved yet. ``waits``: for a second person."""
    payment = order.payment
    return MoneyCommand(
        key=order.key,
        public_id=order.public_id,
        merchant_id=payment.merchant_id,
        account_id=payment.account_id,
        livemode=payment.livemode,
        payment=payment,
        charge_id=payment.external_charge_id,
        batch=batch,
        kind=kind,
        amount=order.money.minor,
        currency=order.money.currency,
        parameters=order.parameters,
        reason=reason,
        note=note,
        command_state=CommandState.REQUESTED if waits else CommandState.APPROVED,
        # Nobody claims what is parked and was never tried.
        state=State.PARKED if waits else State.PENDING,
        requested_by_kind=by.kind,
        requested_by_id=by.id,
        requested_by=by.label,
        requested_at=clock.now(),
    )


def record_request(*, command: MoneyCommand, by: Actor, **more: str) -> None:
    """The trail's row that it was asked for; ``more`` is what it waits for, or came with."""
    kind = command.kind
    record(
        merchant_id=command.merchant_id,
        actor=by,
        action=f"{kind}.requested",
        object_type=kind,
        object_id=command.public_id,
        after={
            "payment": command.payment.public_id,
            "amount": command.amount,
            "currency": command.currency,
            "reason": command.reason,
            "livemode": command.livemode,
            **more,
        },
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
    if command.batch is not None:
        told["batch"] = command.batch.public_id
    publish([Fact("command.changed", command.merchant_id, command.livemode, command.public_id, told)])
