"""R6: what the processor never told us is found, and nothing else is called missing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.trust.differ import TABLES, must_be_here
from tests.trust.installation import Installation
from tests.trust.mirrored import told
from tests.trust.mishaps import SLIGHT, Mishaps
from tests.trust.processor import DAY, HOUR, MINUTE, Processor, open_processor
from tests.trust.result import Result
from tests.trust.stripe_lists import PATHS, Account, Books, Doc
from tests.trust.stripe_payments import snapshot
from tests.trust.stripe_rows import id_of

# Of a thousand deliveries; a third of them are lost, others come a little late or twice.
SPOILT, KINDS = 150, ("lose", "delay", "double")
SILENCE = 31 * DAY
# Seconds that an event may take before it counts as lost, nearly.
LATE = 160
# What an event is about, for those that somebody here listens to.
TOLD_OF = {"customer", "payment_method", "payment_intent", "charge", "refund", "dispute", "radar.early_fraud_warning"}
TOLD_OF |= {"review", "payout", "invoice"}
# Of which no event tells: what becomes of them is read again when it is due, and is nobody's loss.
UNTOLD = {"balance_transaction"}
NOTHING_TO_PAY = {"customer", "payment_method"}


@dataclass(frozen=True)
class Size:
    """Days and payments of the past, of the present with its losses, and payments of the silence; ``late`` is how often
    a search comes while events are on their way."""

    past: int
    past_payments: int
    present: int
    present_payments: int
    step: int
    silent_payments: int
    late: int
    patience: float


FULL = Size(60, 2_000, 14, 2_000, 2 * HOUR, 1_500, 5, 240)
SMALL = Size(5, 30, 1, 40, 12 * HOUR, 20, 1, 40)


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """One delivery in twenty is dropped; then 31 days pass in which we hear nothing and ask nothing."""
    size = FULL if full else SMALL
    result = Result("R6", seed, full)
    processor = open_processor(site, seed=seed)
    processor.write_history(days=size.past, payments=size.past_payments)
    processor.read("backfill", within=size.patience)
    before, since = processor.newest_finding(), processor.now
    _live(processor, size, random.Random(f"losses {seed}"))
    _settle(processor, size)
    result.problems += _events(processor, result, since=since, after=before)
    result.problems += told(processor, "after the losses", result)
    compared = result.n
    result.problems += _silence(processor, size, result)
    result.problems += told(processor, "after the silence", result)
    result.n += compared
    return result


def _live(processor: Processor, size: Size, chance: random.Random) -> None:
    mishaps = Mishaps(processor.door, chance)
    processor.begin_life(days=size.present, payments=size.present_payments)
    for _ in range(size.present * DAY // size.step):
        mishaps.spoil_deliveries(share=SPOILT, kinds=KINDS, delays=SLIGHT)
        last = processor.pass_time(size.step)
        processor.wait_for_round("gaps", after=last, within=size.patience)
    mishaps.end()
    _be_late(processor, size)


def _be_late(processor: Processor, size: Size) -> None:
    """A search while events are on their way: they come some minutes after they happened, no later than they may."""
    for _ in range(size.late):
        processor.door.ask("POST", "/faults", kind="delay", seconds=LATE, times=50)
        processor.call("POST", "/v1/customers", name="Late", email="late@mail.example")
        processor.pass_time(1)
        processor.read("gaps", within=size.patience)
        processor.clear_faults()
        processor.pass_time(LATE)


def _settle(processor: Processor, size: Size) -> None:
    processor.pass_time(10 * MINUTE)
    processor.read("gaps", within=size.patience)
    processor.wait_until_quiet(within=size.patience)


def _events(processor: Processor, result: Result, *, since: int, after: int) -> Iterator[str]:
    """Every event that matters is here, and a finding tells of each that was lost, and of no other."""
    there = {event["id"]: event for event in _listed(processor, since)}
    here = processor.event_ids()
    deliveries = processor.deliveries()
    lost = {each["event"] for each in deliveries if each["state"] == "lost"} & there.keys()
    # What a busy machine did not take at once comes again hours later, and is missing until then.
    refused = {each["event"] for each in deliveries if each["attempts"] > 1} & there.keys()
    found = {each["event_external_id"]: each for each in processor.findings(after=after) if each["kind"] == "missing"}
    yield from (f"{event} ({there[event]['type']}) is missing" for event in there.keys() - here)
    yield from (f"{event} was lost, and no finding says so" for event in lost - found.keys())
    yield from (f"{event} is called missing, and came" for event in found.keys() - lost - refused)
    books = processor.books()
    for event in lost & found.keys():
        amount = _amount(there[event]["data"]["object"], books)
        if found[event]["amount"] != amount:
            yield f"{event} ({there[event]['type']}) is listed with {found[event]['amount']}, not {amount}"
    if not lost:
        yield "nothing was lost: this proves nothing"
    result.facts |= {"events": len(there), "lost": len(lost), "refused": len(refused), "found": len(found)}


def _listed(processor: Processor, since: int) -> Iterator[Doc]:
    for event in Account(processor.door.base, processor.key).list("/v1/events"):
        if event["created"] > since and event["data"]["object"]["object"] in TOLD_OF:
            yield event


def _amount(source: Doc, books: Books) -> int | None:
    for name in ("amount", "total"):
        if source.get(name) is not None:
            return int(source[name])
    charge = books.of("charge").get(id_of(source.get("charge")))
    return int(charge["amount"]) if charge else None


def _silence(processor: Processor, size: Size, result: Result) -> Iterator[str]:
    """A month without a word, in which we were away ourselves: longer than the processor keeps its events."""
    before, last = processor.books(), processor.newest_finding()
    processor.listen(on=False)
    processor.begin_life(days=SILENCE // DAY, payments=size.silent_payments)
    newest = processor.pass_time(SILENCE)
    processor.listen(on=True)
    ended = processor.wait_for_round("backfill", after=newest, within=size.patience)
    if ended["end"] != "complete":
        yield f"the reading after the silence ended as {ended}"
    processor.wait_until_quiet(within=size.patience)
    after = processor.books()
    listed: dict[tuple[str, str], list[Doc]] = {}
    for each in processor.findings(after=last):
        listed.setdefault((each["object_type"], each["object_id"]), []).append(each)
    changed = dict(_changed(before, after))
    result.facts["silent"] = {"objects": len(changed), "listed": len(listed)}
    for kind, object_id in listed.keys() - changed.keys():
        yield f"{kind} {object_id} is listed, and was as it is: {listed[kind, object_id][0]}"
    for (kind, object_id), what in changed.items():
        if (kind, object_id) in listed:
            amount = None if kind in NOTHING_TO_PAY else _amount(after.of(kind)[object_id], after)
            wrong = [each["amount"] for each in listed[kind, object_id] if each["amount"] != amount]
            yield from (f"{kind} {object_id} is listed with {told_amount}, not {amount}" for told_amount in wrong)
        elif kind not in UNTOLD:
            yield f"{kind} {object_id} {what} in silence, and no finding says so"


def _changed(before: Books, after: Books) -> Iterator[tuple[tuple[str, str], str]]:
    """What is new, and what our rows must say otherwise than before."""
    expect = {table.kind: table.expect for table in TABLES} | {"intent": _intent}
    for kind in PATHS:
        for object_id, source in after.of(kind).items():
            old = before.of(kind).get(object_id)
            if old is None:
                if must_be_here(kind, source):
                    yield (kind, object_id), "was made"
            elif expect[kind](before, old) != expect[kind](after, source):
                yield (kind, object_id), "changed"


def _intent(books: Books, source: Doc) -> Any:
    return source["status"], snapshot(source)
