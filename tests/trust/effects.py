"""Holds commands against the processor's journal: what each was to do was done once, or for sure not at all."""

import json
import math
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from billing.providers.breaker import LEFT_ALONE
from tests.trust.processor import MINUTE, Processor

LONGEST = 15 * MINUTE
OPEN = ("requested", "approved", "sending", "unknown")
_COMMANDS = """SELECT public_id, key::text, kind, command_state, state, failure_code, amount, external_id, error,
                      extract(epoch FROM coalesce(settled_at, to_timestamp(%(now)s)) - requested_at)
                 FROM money_command WHERE account_id = %(account)s ORDER BY id"""
_BATCHES = """SELECT batch.public_id, approval.decision, array_agg(DISTINCT command_state ORDER BY command_state),
                     (count(command.id), sum(command.amount)) = (batch.count, batch.amount)
                FROM command_batch AS batch JOIN approval ON approval.object_id = batch.public_id
                LEFT JOIN money_command AS command ON command.batch_id = batch.id
               WHERE batch.merchant_id = %s GROUP BY batch.id, approval.id ORDER BY batch.id"""
# What may have become of the commands of a batch, by what was decided. What was approved may be withdrawn yet.
_TOGETHER = {
    "approved": {"succeeded", "failed", "cancelled"},
    "rejected": {"rejected"},
    "withdrawn": {"cancelled"},
    "expired": {"expired"},
}


@dataclass(frozen=True)
class Command:
    """``took`` is how many seconds of our own time it was open, or has been until now."""

    public_id: str
    key: str
    kind: str
    command_state: str
    state: str
    failure_code: str
    amount: int
    external_id: str
    error: str
    took: float


@dataclass(frozen=True)
class Effect:
    """A refund that was made, or a payment that was captured or cancelled, in a command's words."""

    kind: str
    external_id: str
    amount: int


@dataclass(frozen=True)
class Batch:
    """``states`` are those of its commands; ``is_whole``: they are as many, and as much, as it says itself."""

    public_id: str
    decision: str
    states: list[str]
    is_whole: bool


def commands_of(processor: Processor) -> list[Command]:
    with processor.site.database() as cursor:
        cursor.execute(_COMMANDS, {"account": processor.shop.account_id, "now": processor.here_now()})
        return [Command(*row[:-1], float(row[-1])) for row in cursor.fetchall()]


def batches_of(processor: Processor) -> list[Batch]:
    with processor.site.database() as cursor:
        cursor.execute(_BATCHES, [processor.shop.merchant_id])
        return [Batch(*row) for row in cursor.fetchall()]


def journal_of(processor: Processor) -> list[dict[str, Any]]:
    """Whatever may have moved money of the account, by whoever asked for it, and what the processor did by itself."""
    with urllib.request.urlopen(f"http://127.0.0.1:{processor.door.control}/journal", timeout=60) as answer:
        lines = [json.loads(line) for line in answer]
    return [line for line in lines if line["account"] == processor.account]


def judge(processor: Processor, *, longest: float = LONGEST) -> list[str]:
    """Everything that is wrong with the commands of the account, once nothing goes wrong any more. What the processor
    took no notice of for a day is given up after a day, and may take longer than ``longest`` seconds."""
    made = made_by(processor)
    by_others, problems = made.pop("", []), []
    for each in commands_of(processor):
        name = f"{each.public_id} ({each.command_state})"
        if each.command_state in OPEN or each.state != "done":
            problems.append(f"{name} is left, its row {each.state}: {each.error}")
        elif each.took > longest and each.failure_code != "not_executed":
            problems.append(f"{name} took {each.took:.0f} s")
        problems += [f"{name} {fault}" for fault in wrong(each, made.pop(each.key, []), by_others)]
    problems += [f"no command has the key {key}, which made {effects}" for key, effects in made.items()]
    return problems + [fault for each in batches_of(processor) for fault in wrong_together(each)]


def wrong(command: Command, effects: list[Effect], by_others: list[Effect]) -> Iterator[str]:
    """Its own effect, or none. A payment is captured or cancelled once, so that nothing is left to do where somebody
    else did the same."""
    wanted = Effect(command.kind, command.external_id, command.amount)
    is_done, is_others = command.command_state == "succeeded", command.kind != "refund" and wanted in by_others
    if len(effects) != int(is_done) and not (is_others and is_done and not effects):
        yield f"had {len(effects)} effects"
    elif effects and effects[0] != wanted:
        yield f"made {effects[0]}, here it is {wanted}"


def wrong_together(batch: Batch) -> Iterator[str]:
    if not batch.is_whole:
        yield f"{batch.public_id} is not the sum of its commands"
    if not batch.states or not set(batch.states) <= _TOGETHER.get(batch.decision, set()):
        yield f"{batch.public_id} was {batch.decision}, its commands {batch.states}"


def made_by(processor: Processor) -> dict[str, list[Effect]]:
    """By the key of a command, what it did. What others did, or the processor by itself, has no such key."""
    made: dict[str, list[Effect]] = {}
    for line in journal_of(processor):
        for key, effect in effects_of(line):
            made.setdefault(key, []).append(effect)
    return made


def effects_of(line: Mapping[str, Any]) -> Iterator[tuple[str, Effect]]:
    """What a line of the journal tells of, each with the key of its command; empty where somebody else did it."""
    # An object may be written twice for one call.
    return iter(dict.fromkeys(_effects(line)))


def _effects(line: Mapping[str, Any]) -> Iterator[tuple[str, Effect]]:
    place, key = (line["method"], line["path"].rpartition("/")[2]), line["idempotency_key"] or ""
    for each in line["effect"]:
        match place, each["object"], each["act"], each.get("status"):
            case ("POST", "refunds"), "refund", "created", _:
                # It is found again by what it carries, so that must be there.
                carried = line["params"].get("metadata", {}).get("counterfoil_command", "")
                yield carried, Effect("refund", each["id"], each["amount"])
            case ("POST", "capture"), "payment_intent", _, "succeeded":
                yield key, Effect("capture", each["id"], each["amount_received"])
            case ("POST", "cancel") | ("TIMER", _), "payment_intent", _, "canceled":
                yield key, Effect("cancel", each["id"], each["amount"])


def states_of(processor: Processor) -> Counter[str]:
    return Counter(each.command_state for each in commands_of(processor))


def kinds_of(processor: Processor) -> Counter[str]:
    """How often what came of which kind; batches by what was decided of them."""
    made, told = made_by(processor), Counter(f"batch {each.decision}" for each in batches_of(processor))
    for each in commands_of(processor):
        is_others = each.command_state == "succeeded" and each.key not in made
        told[f"{each.kind} {'done by others' if is_others else each.command_state}"] += 1
    return told


def wait_until_ended(
    processor: Processor, *, within: float, step: float = 5 * MINUTE, longest: float = math.inf, broken_for: float = 0
) -> bool:
    """Until no command is open, or ``longest`` seconds of the processor's time are over. Time that commands wait for
    passes at once, here and there, in steps of at most so many seconds; what is under way is waited for. After a
    breaker kept a question back nothing is skipped for ``broken_for`` seconds: it goes by the machine's own clock."""
    deadline, end = time.monotonic() + within, processor.now + longest
    kept_back = _kept_back(processor)
    while time.monotonic() < deadline and processor.now < end:
        wait = _wait_of(processor)
        if wait is None:
            return True
        if broken_for and (more := _kept_back(processor)) > kept_back:
            kept_back = more
            time.sleep(broken_for)
        elif wait > 0:
            processor.door.clock(advance=min(int(wait) + 1, int(step)))
            processor.follow()
        time.sleep(0.05)
    return False


def _kept_back(processor: Processor) -> int:
    """How many questions about commands a breaker kept back."""
    with processor.site.database() as cursor:
        cursor.execute(
            """SELECT count(*) FROM command_exchange JOIN money_command AS command ON command.id = command_id
                WHERE account_id = %s AND detail = %s""",
            [processor.shop.account_id, LEFT_ALONE],
        )
        return int(cursor.fetchone()[0])


def _wait_of(processor: Processor) -> float | None:
    """Seconds of our time until the next command is due, 0 while somebody works on one; None where none is open."""
    with processor.site.database() as cursor:
        cursor.execute(
            """SELECT bool_or(state = 'leased' OR next_attempt_at IS NULL),
                      extract(epoch FROM min(next_attempt_at) - to_timestamp(%s))
                 FROM money_command WHERE account_id = %s AND state <> 'done'""",
            [processor.here_now(), processor.shop.account_id],
        )
        is_busy, wait = cursor.fetchone()
    if is_busy is None:
        return None
    return 0.0 if is_busy or wait is None else max(float(wait), 0.0)
