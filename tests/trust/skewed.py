"""R13, the processor's part: clocks of ours that are wrong neither hide what was lost nor call lost what came."""

from collections.abc import Iterator

from tests.trust.installation import Installation
from tests.trust.mirrored import told
from tests.trust.processor import HOUR, MINUTE, Processor, open_processor
from tests.trust.reconciled import TOLD_OF
from tests.trust.result import Result
from tests.trust.stripe_lists import Account

LATE, EARLY, DAY_LATE, DAY_EARLY = -10 * MINUTE, 10 * MINUTE, -26 * HOUR, 26 * HOUR
# How far the clocks of these are off. A door whose clock is wrong takes nothing: all that comes must be found.
SKEWS = (
    {"web": 0, "worker": DAY_LATE, "sweeper": DAY_EARLY, "asker": LATE},
    {"web": 0, "worker": DAY_EARLY, "sweeper": DAY_LATE, "asker": DAY_EARLY},
    {"web": DAY_EARLY, "worker": LATE, "sweeper": EARLY, "asker": DAY_LATE},
    {"web": LATE, "worker": EARLY, "sweeper": LATE, "asker": EARLY},
    {"web": 0, "worker": EARLY, "sweeper": LATE, "asker": DAY_LATE},
    {"web": DAY_LATE, "worker": DAY_EARLY, "sweeper": DAY_EARLY, "asker": LATE},
)
STEPS, PAYMENTS = 4, 4
# Longer than a round and what clocks differ by, where they do not differ by days.
STEP = 2 * HOUR
PATIENCE = 120


def run(*, seed: int, full: bool, site: Installation, result: Result) -> list[str]:
    """Each way of being wrong, in an account of its own; in a small run one of them."""
    problems: list[str] = []
    for number, skew in enumerate(SKEWS if full else SKEWS[1:2]):
        processor = open_processor(site, seed=seed + number)
        processor.write_history(days=5, payments=60 if full else 10)
        processor.read("backfill", within=PATIENCE)
        since = processor.now
        processor.pass_time(1)
        processor.skew = skew
        processor.begin_life(days=1, payments=120 if full else 30)
        late = _live(processor, STEPS if full else 1)
        problems += [f"{skew}: {each}" for each in (*late, *_judge(processor, since, result))]
    return problems


def _live(processor: Processor, steps: int) -> list[str]:
    """Some hours; both readings must come round in each."""
    for _ in range(steps):
        for _ in range(PAYMENTS):
            processor.pay()
        last = processor.pass_time(STEP)
        for kind in ("gaps", "drift"):
            try:
                processor.wait_for_round(kind, after=last, within=PATIENCE)
            except TimeoutError as late:
                return [str(late)]
    return []


def _judge(processor: Processor, since: int, result: Result) -> Iterator[str]:
    """What is called missing, absent or different must have been refused at the door; what was refused must be here."""
    wrong, processor.skew = processor.skew["web"], {}
    processor.follow()
    events = {
        event["id"]: event["data"]["object"]["id"]
        for event in Account(processor.door.base, processor.key).list("/v1/events")
        if event["created"] > since and event["data"]["object"]["object"] in TOLD_OF
    }
    refused = {each["event"] for each in processor.deliveries() if each["attempts"] > 1 or each["state"] != "delivered"}
    touched = {events[event] for event in refused & events.keys()}
    for each in processor.findings():
        if each["kind"] == "missing" and each["event_external_id"] not in refused:
            yield f"{each['event_external_id']} is called missing, and came"
        if each["kind"] in ("absent", "different") and each["object_id"] not in touched:
            yield f"{each['object_type']} {each['object_id']} is called {each['kind']} ({each['field']}), and is right"
    processor.pass_time(10 * MINUTE)
    processor.read("gaps", within=PATIENCE)
    processor.wait_until_quiet(within=PATIENCE)
    yield from (f"{event} is missing" for event in events.keys() - processor.event_ids())
    if not events or bool(wrong) != bool(refused & events.keys()):
        yield f"{len(events)} events, of which {len(refused)} were refused: this proves nothing"
    n = result.n
    yield from told(processor, "at the end", result)
    result.n += n
    result.facts["refused"] = result.facts.get("refused", 0) + len(refused & events.keys())
