"""Reading what was asked for of a payment, and what became of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Q

from billing.approvals.models import Approval
from billing.approvals.queries import approvals_of, is_waiting
from billing.audit.models import AuditEvent
from billing.commands.batch import approval_kind_of
from billing.commands.models import CommandBatch, CommandExchange, CommandQuerySet, CommandState, MoneyCommand
from billing.compiled import Compiled
from billing.providers.models import ProviderAccount

_ENDED_BY_PEOPLE = (CommandState.CANCELLED, CommandState.REJECTED)


def commands_of(payment_id: int) -> list[MoneyCommand]:
    """All that was asked for here, newest first. One query."""
    return _COMMANDS(payment_id)


def _commands(payment: int) -> CommandQuerySet:
    return MoneyCommand.objects.filter(payment=payment).order_by("-requested_at", "-id")


_COMMANDS = Compiled(_commands)


def open_requests(account: ProviderAccount) -> int:
    """How many requests of this connection have not ended."""
    mine = MoneyCommand.objects.for_merchant(account.merchant_id, account.livemode)
    return mine.filter(account=account, settled_at=None).count()


def has_failed(public_id: str) -> bool:
    """Whether nothing came of that command, or of one of that batch. One query."""
    named = Q(public_id=public_id) | Q(batch__public_id=public_id)
    return MoneyCommand.objects.filter(named, command_state=CommandState.FAILED, external_id="").exists()


def exchanges_of(commands: Collection[MoneyCommand]) -> Mapping[int, list[CommandExchange]]:
    """Every word about each of them, by its key, oldest first; one query where there are any."""
    found: dict[int, list[CommandExchange]] = defaultdict(list)
    if commands:
        for exchange in CommandExchange.objects.filter(command__in=commands).order_by("began_at", "id"):
            found[exchange.command_id].append(exchange)
    return found


def ended_by(commands: Collection[MoneyCommand]) -> Mapping[str, tuple[str, str]]:
    """Who took each of them back or rejected it, as kind and label of an actor, by its public id, where a person did:
    only the trail knows. One query where there are any; all are of one merchant."""
    ended = {each.public_id: f"{each.kind}.{each.command_state}" for each in commands if _by_people(each)}
    if not ended:
        return {}
    merchant = next(iter(commands)).merchant_id
    acts = AuditEvent.objects.for_merchant(merchant).filter(object_id__in=ended, action__in=set(ended.values()))
    told = acts.filter(object_type__in={each.kind for each in commands})
    return {each: (kind, label) for each, kind, label in told.values_list("object_id", "actor_kind", "actor_label")}


def approvals_awaited(commands: Collection[MoneyCommand]) -> Mapping[str, str]:
    """Public ids of the approvals that these wait for, by their own; several of one batch wait for one. One query where
    any waits, and one more where any of those has a batch."""
    waiting = _approvals([each for each in commands if each.command_state == CommandState.REQUESTED])
    return {public_id: approval.public_id for public_id, approval in waiting.items() if is_waiting(approval)}


def decisions_on(commands: Collection[MoneyCommand]) -> Mapping[str, Approval]:
    """What was decided on each of them, or on the batch that it is of, by its public id. Queries as those of
    approvals_awaited(), where any waits no more."""
    return _approvals([each for each in commands if each.command_state != CommandState.REQUESTED])


def _approvals(commands: Collection[MoneyCommand]) -> Mapping[str, Approval]:
    """By public ids of those that needed one."""
    if not commands:
        return {}
    batches = _batches({each.batch_id for each in commands if each.batch_id is not None})
    asked = {
        each.public_id: (approval_kind_of(each.kind), batches[each.batch_id])
        if each.batch_id is not None
        else (each.kind, each.public_id)
        for each in commands
    }
    found = approvals_of({object_id for _kind, object_id in asked.values()})
    return {public_id: found[key] for public_id, key in asked.items() if key in found}


def _batches(keys: Collection[int]) -> Mapping[int, str]:
    return dict(CommandBatch.objects.filter(pk__in=keys).values_list("pk", "public_id")) if keys else {}


def _by_people(command: MoneyCommand) -> bool:
    return command.command_state in _ENDED_BY_PEOPLE
