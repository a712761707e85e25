"""Holds commands against the processor's journal: what each was to do was done once, or for sure not at all."""

import json
import math
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.trust.processor import MINUTE, Processor

LONGEST = 15 * MINUTE
OPEN = ("requested", "approved", "sending", "unknown")
_COMMANDS = """SELECT public_id, key::text, command_state, state, failure_code, amount, external_id, error,
                      extract(epoch FROM coalesce(settled_at, to_timestamp(%(now)s)) - requested_at)
                 FROM money_command WHERE account_id = %(account)s ORDER BY id"""


@dataclass(frozen=True)
class Command:
    """``took`` is how many seconds of our own time it was open, or has been until now."""

    public_id: str
    key: str
    command_state: str
    state: str
    failure_code: str
    amount: int
    external_id: str
    error: str
    took: float


def commands_of(processor: Processor) -> list[Command]:
    with processor.site.database() as cursor:
        cursor.execute(_COMMANDS, {"account": processor.shop.account_id, "now": processor.here_now()})
        return [Command(*row[:-1], float(row[-1])) for row in cursor.fetchall()]


def journal_of(processor: Processor) -> list[dict[str, Any]]:
    """Every call for a refund that had an effect at the account."""
    with urllib.request.urlopen(f"http://127.0.0.1:{processor.door.control}/journal", timeout=60) as answer:
        lines = [json.loads(line) for line in answer]
    return [
        line
        for line in lines
        if line["account"] == processor.account and (line["method"], line["path"]) == ("POST", "/v1/refunds")
        if any(effect["object"] == "refund" and effect["act"] == "created" for effect in line["effect"])
    ]


def judge(processor: Processor, *, longest: float = LONGEST) -> list[str]:
    """Everything that is wrong with the commands of the account, once nothing goes wrong any more. What the processor
    took no notice of for a day is given up after a day, and may take longer than ``longest`` seconds."""
    problems, made = [], made_by(processor)
    for each in commands_of(processor):
        name = f"{each.public_id} ({each.command_state})"
        effects, wanted = made.pop(each.key, []), int(each.command_state == "succeeded")
        if each.command_state in OPEN or each.state != "done":
            problems.append(f"{name} is left, its row {each.state}: {each.error}")
        elif each.took > longest and each.failure_code != "not_executed":
            problems.append(f"{name} took {each.took:.0f} s")
        if len(effects) != wanted:
            problems.append(f"{name} had {len(effects)} effects")
        elif effects and effects[0] != (each.external_id, each.amount):
            problems.append(f"{name} made {effects[0]}, here it is {each.external_id} of {each.amount}")
    return [*problems, *(f"no command has the key {key}, which made {effects}" for key, effects in made.items())]


def made_by(processor: Processor) -> dict[str, list[tuple[str, int]]]:
    """By the key of a command, refunds that it made with their amounts; refunds of others have no such key."""
    made: dict[str, list[tuple[str, int]]] = {}
    for line in journal_of(processor):
        key = line["params"].get("metadata", {}).get("counterfoil_command")
        for effect in line["effect"]:
            if key and (effect["object"], effect["act"]) == ("refund", "created"):
                made.setdefault(key, []).append((effect["id"], effect["amount"]))
    return made


def states_of(processor: Processor) -> Counter[str]:
    return Counter(each.command_state for each in commands_of(processor))


def wait_until_ended(
    processor: Processor, *, within: float, step: float = 5 * MINUTE, longest: float = math.inf
) -> bool:
    """Until no command is open, or ``longest`` seconds of the processor's time are over. Time that commands wait for
    passes at once, here and there, in steps of at most so many seconds; what is under way is waited for."""
    deadline, end = time.monotonic() + within, processor.now + longest
    while time.monotonic() < deadline and processor.now < end:
        wait = _wait_of(processor)
        if wait is None:
            return True
        if wait > 0:
            processor.door.clock(advance=min(int(wait) + 1, int(step)))
            processor.follow()
        time.sleep(0.05)
    return False


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
