"""What of our own facts is news for somebody. A fact that comes twice tells nobody twice."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from billing import clock
from billing.approvals.models import Approval, Decision
from billing.commands.batch import approval_kind_of
from billing.commands.models import CommandBatch, CommandKind, CommandState, MoneyCommand
from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber
from billing.refunds.models import CAME_BACK, Refund
from portal.notifications.kinds import (
    APPROVAL_DECIDED,
    APPROVAL_NEEDED,
    COMMAND_DONE_AFTER_ALL,
    COMMAND_FAILED,
    KINDS,
    REFUND_BY_STAFF,
    REFUND_FAILED,
)
from portal.notifications.models import Notice
from portal.notifications.notify import News, mark_read, notify
from portal.notifications.recipients import deciders, money_watchers, others_who_watch, requester

# A bank may take 30 days to send a refund back (docs.stripe.com/refunds). Older ones come from the first reading of an
# account, and are no news.
_FAILS_WITHIN = timedelta(days=35)


@subscriber("approval.changed")
def tell_of_approvals(events: Sequence[OutboxEvent]) -> None:
    """Whoever may decide hears of what waits, and whoever asked of what came of it."""
    approvals = Approval.objects.filter(public_id__in={event.object_id for event in events}).order_by("pk")
    found = list(approvals)
    notify(news for approval in found for news in _of_approval(approval))
    over = [approval.public_id for approval in found if approval.decision != Decision.PENDING]
    # Nobody has to look at what somebody else decided.
    mark_read(notices=Notice.objects.filter(kind=APPROVAL_NEEDED, object_id__in=over, read_at=None))


def _of_approval(approval: Approval) -> Iterator[News]:
    place = (approval.merchant_id, approval.livemode, approval.public_id)
    facts = {
        "about": approval.kind,
        "object": approval.object_id,
        "amount": approval.amount,
        "currency": approval.currency,
        "payment": _payment_of(approval.object_id),
    }
    if approval.decision == Decision.PENDING:
        people = deciders(approval.merchant_id, approval.requested_by_id)
        yield News(APPROVAL_NEEDED, *place, people, {**facts, "expires_at": approval.expires_at.isoformat()})
        return
    if _is_refund_by_staff(approval):
        yield News(REFUND_BY_STAFF, *place, others_who_watch(approval), facts)
    # Whoever did it themselves knows.
    if approval.decided_by_id != approval.requested_by_id:
        people = requester(approval, KINDS[APPROVAL_DECIDED])
        yield News(APPROVAL_DECIDED, *place, people, {**facts, "decision": str(approval.decision)})


def _is_refund_by_staff(approval: Approval) -> bool:
    """Whether nobody had to do with it at the merchant."""
    by_staff = approval.requested_by_kind == approval.decided_by_kind == "staff"
    return by_staff and approval.kind == CommandKind.REFUND and approval.decision == Decision.APPROVED


def _payment_of(object_id: str) -> str:
    """Of a command; empty for what is none."""
    command = MoneyCommand.objects.filter(public_id=object_id).values_list("payment__public_id", flat=True)
    return command.first() or ""


@subscriber("command.changed")
def tell_of_failed_commands(events: Sequence[OutboxEvent]) -> None:
    """Whoever asked hears that the processor did nothing, or did it after all."""
    ids = {event.object_id for event in events if event.payload.get("state") == CommandState.FAILED}
    if not ids:
        return
    failed = MoneyCommand.objects.filter(public_id__in=ids, command_state=CommandState.FAILED)
    found = list(failed.select_related("payment", "batch").order_by("pk"))
    notify(_of_command(command) for command in found)
    done = [command.public_id for command in found if command.external_id]
    # What it says is not so.
    mark_read(notices=Notice.objects.filter(kind=COMMAND_FAILED, object_id__in=done, read_at=None))


def _of_command(command: MoneyCommand) -> News:
    """Of those of a batch that fail there is one, whichever fails first: its page tells of all. Each that was done
    after all has its own, because it may have been asked for again."""
    if command.batch is not None and not command.external_id:
        return _of_batch(command, command.batch)
    kind = COMMAND_DONE_AFTER_ALL if command.external_id else COMMAND_FAILED
    return News(
        kind,
        command.merchant_id,
        command.livemode,
        command.public_id,
        requester(command, KINDS[kind]),
        {"about": command.kind, "object": command.public_id, **_money(command), "payment": command.payment.public_id},
    )


def _of_batch(command: MoneyCommand, batch: CommandBatch) -> News:
    return News(
        COMMAND_FAILED,
        batch.merchant_id,
        batch.livemode,
        batch.public_id,
        requester(batch, KINDS[COMMAND_FAILED]),
        {
            "about": approval_kind_of(batch.kind),
            "object": batch.public_id,
            **_money(batch),
            "payment": command.payment.public_id,
        },
    )


@subscriber("refund.changed")
def tell_of_failed_refunds(events: Sequence[OutboxEvent]) -> None:
    """Those who watch money hear that a refund which was on its way came back, or was cancelled."""
    failed = Refund.objects.filter(
        public_id__in={event.object_id for event in events},
        provider_status__in=CAME_BACK,
        created_at__gte=clock.now() - _FAILS_WITHIN,
    )
    notify(_of_refund(refund) for refund in failed.select_related("payment").order_by("pk"))


def _of_refund(refund: Refund) -> News:
    return News(
        REFUND_FAILED,
        refund.merchant_id,
        refund.livemode,
        refund.public_id,
        money_watchers(refund.merchant_id),
        {
            "about": "refund",
            "object": refund.public_id,
            **_money(refund),
            "payment": refund.payment.public_id,
            "status": refund.provider_status,
            "why": refund.failure_reason,
            "left": refund.left_balance,
        },
    )


def _money(row: MoneyCommand | CommandBatch | Refund) -> dict[str, Any]:
    return {"amount": row.amount, "currency": row.currency}
