"""Which of the processor's refunds were asked for here: they carry the key of their command."""

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from billing.arrays import array
from billing.commands import settle
from billing.commands.models import METADATA, CommandKind, CommandQuerySet, MoneyCommand
from billing.compiled import Compiled
from billing.providers.events import RefundObserved
from billing.webhooks.handlers import Inbound, at_the_end


def commands_behind(batch: Sequence[Inbound]) -> dict[int, MoneyCommand]:
    """By row id of the inbox, under the locks of the payments. Anybody who may edit metadata at the processor can
    write a key into it, so that what is claimed must fit what was sent, and a command makes one refund only."""
    named = {item.row_id: key for item in batch if (key := _key(item))}
    if not named:
        return {}
    known = {command.key: command for command in _KEYED(array(set(named.values())))}
    made: dict[UUID, str] = {key: command.external_id for key, command in known.items()}
    behind = {}
    for item in batch:
        command = known.get(named[item.row_id]) if item.row_id in named else None
        if command is None or not _fits(item, command):
            continue
        if made[command.key] in ("", item.event.external_id):
            made[command.key] = item.event.external_id
            behind[item.row_id] = command
    return behind


def _keyed(keys: str) -> CommandQuerySet:
    return MoneyCommand.objects.filter(key__among=keys).select_related("payment", "batch")


_KEYED = Compiled(_keyed)


def settle_own(batch: Sequence[Inbound], behind: Mapping[int, MoneyCommand]) -> None:
    """The commands of these refunds were carried out, whether or not an answer said so."""
    made = {command.pk: (command, item.event.external_id) for item in batch if (command := behind.get(item.row_id))}
    for trail in settle.succeed_together(list(made.values())):
        at_the_end(trail)


def _key(item: Inbound) -> UUID | None:
    try:
        return UUID(cast(RefundObserved, item.event).metadata.get(METADATA, ""))
    except ValueError:
        return None


def _fits(item: Inbound, command: MoneyCommand) -> bool:
    refund = cast(RefundObserved, item.event)
    return (
        command.kind == CommandKind.REFUND
        and command.first_sent_at is not None
        and command.account_id == item.account_id
        and refund.charge_id in ("", command.charge_id)
        and (refund.amount, refund.currency) == (command.amount, command.currency)
    )
