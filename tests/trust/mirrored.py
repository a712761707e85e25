"""M1: an account is read, lives on while everything goes wrong, and every row is the processor's, field by field."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.trust.installation import OURS, Installation
from tests.trust.mishaps import LONG, SLIGHT, Mishaps
from tests.trust.processor import DAY, HOUR, MINUTE, Processor, open_processor
from tests.trust.result import Result
from tests.trust.troubles import TROUBLES, Troubles

# Of a thousand deliveries so many are lost, doubled, late, in disorder or damaged.
SPOILT = 150
SHOWN = 30


@dataclass(frozen=True)
class Size:
    """``past`` and ``present`` in days with payments; the present is lived in steps of so many seconds, with so many
    troubles each."""

    past: int
    past_payments: int
    present: int
    present_payments: int
    step: int
    troubles: float
    patience: float


FULL = Size(90, 20_000, 30, 2_500, 3 * HOUR, 2.2, 420)
SMALL = Size(20, 200, 1, 24, 4 * HOUR, 1.5, 40)


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full 20,000 payments and a month; our door is closed for hours, and so is the processor's towards us."""
    size = FULL if full else SMALL
    result = Result("M1", seed, full)
    processor = open_processor(site, seed=seed)
    processor.write_history(days=size.past, payments=size.past_payments)
    read = processor.read("backfill", within=size.patience)
    if read["end"] != "complete":
        result.problems.append(f"the first reading ended as {read}")
    result.problems += told(processor, "after the first reading", result) if full else []
    troubles = live(processor, size, seed=seed, full=full, result=result)
    calm(processor, size.patience)
    for kind in ("gaps", "drift"):
        ended = processor.read(kind, within=size.patience)
        if ended["end"] != "complete":
            result.problems.append(f"{kind} ended as {ended}")
    if not processor.wait_until_quiet(within=size.patience):
        result.problems.append(f"work is left: {processor.due()}")
    result.problems += told(processor, "at the end", result)
    result.problems += left_behind(processor)
    if full:
        result.problems += [f"{each.__name__} never happened" for each in TROUBLES if not troubles.done[each.__name__]]
    found = processor.findings()
    # Events, and the search for those that were lost, must have been enough.
    result.problems += [f"only a comparison found {each}" for each in found if each["kind"] in ("absent", "different")]
    result.facts |= {"troubles": sum(troubles.done.values()), "findings": Counter(each["kind"] for each in found)}
    return result


def live(
    processor: Processor,
    size: Size,
    *,
    seed: int,
    full: bool,
    result: Result,
    also: Callable[[Mishaps], object] = lambda mishaps: None,
) -> Troubles:
    """The present, step by step, with what happens in each of them ``also``."""
    chance = random.Random(f"life {seed}")
    mishaps, troubles = Mishaps(processor.door, chance), Troubles(processor, chance)
    lose_a_parent(processor)
    processor.begin_life(days=size.present, payments=size.present_payments)
    steps = size.present * DAY // size.step
    # In a large run our site is gone for nine hours, and later nothing is sent to it for six.
    away, deaf = (range(steps // 3, steps // 3 + 3), range(steps * 2 // 3, steps * 2 // 3 + 2)) if full else ((), ())
    for step in range(steps):
        mishaps.spoil_deliveries(share=SPOILT, delays=SLIGHT + LONG)
        if chance.random() < 0.3:
            mishaps.spoil_calls(most=2 if full else 1)
        if away and step == away[0]:
            processor.site.kill("web")
        processor.listen(on=step not in deaf)
        processor.pass_time(size.step)
        if away and step == away[-1]:
            _bring_back(processor.site)
        troubles.make(int(size.troubles + chance.random()))
        also(mishaps)
    mishaps.end()
    processor.listen(on=True)
    result.facts |= {"steps": steps, "mishaps": mishaps.set}
    return troubles


def lose_a_parent(processor: Processor) -> None:
    """All that tells of a payment is lost, and what tells of its refund comes."""
    for match in ("charge.*", "payment_intent.*"):
        processor.door.ask("POST", "/faults", kind="lose", match=match, times=None)
    paid = processor.pay(8_400)
    processor.call("POST", "/v1/refunds", payment_intent=paid["id"], amount=1_200)
    processor.door.ask("POST", "/deliveries/settle")
    processor.clear_faults()


def _bring_back(site: Installation) -> None:
    site.start(*OURS)
    site.wait_for_web()


def calm(processor: Processor, within: float) -> None:
    """Nothing goes wrong any more: what is sent again comes, and what was on its way for hours."""
    for _ in range(3):
        processor.pass_time(2 * HOUR)
    # The pauses that those are in who were refused meanwhile are over, then.
    processor.wait_until_quiet(within=2)
    processor.pass_time(10 * MINUTE)
    processor.wait_until_quiet(within=within)


def told(processor: Processor, when: str, result: Result) -> list[str]:
    """The differences, in words; how many objects were compared goes into the result."""
    found, compared = processor.differences()
    result.n = compared
    result.facts["differences"] = len(found)
    return [f"{when}: {each}" for each in found[:SHOWN]] + [f"{when}: {len(found)} in all"] * bool(found[SHOWN:])


def left_behind(processor: Processor) -> list[str]:
    """Events that nobody will ever apply."""
    with processor.site.database() as cursor:
        cursor.execute(
            """SELECT external_id, type, state, error FROM webhook_event
                WHERE account_id = %s AND state IN ('dead', 'parked')""",
            [processor.shop.account_id],
        )
        return [f"{event} ({kind}) is {state}: {error}" for event, kind, state, error in cursor.fetchall()]
