"""Follows every audit chain from its first row and names the first that does not fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from billing.audit.digest import digest
from billing.audit.models import GENESIS, AuditEvent


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of a chain at some moment. Rows are numbered from 1 without gaps, so seq is the count, too."""

    merchant_id: int | None
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain stops being what was written, in words for people."""

    merchant_id: int | None
    seq: int
    finding: str

    def __str__(self) -> str:
        return f"{chain_name(self.merchant_id)}, row {self.seq}: {self.finding}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The head of each chain that holds, and the first break of each that does not."""

    heads: tuple[Head, ...]
    breaks: tuple[Break, ...]

    @property
    def rows(self) -> int:
        """How many rows the chains that hold have together."""
        return sum(head.seq for head in self.heads)


@dataclass(frozen=True, slots=True)
class Part:
    """How far a chain was followed, or its first break; ``ended`` when nothing is left behind that."""

    outcome: Head | Break
    ended: bool


def chain_name(merchant_id: int | None) -> str:
    return "the platform's chain" if merchant_id is None else f"the chain of merchant {merchant_id}"


def verify_all(known: Sequence[Head] = ()) -> Verdict:
    """Verify every chain that has rows or a known head.

    ``known`` are heads kept earlier; without them a chain whose end was cut off looks whole.
    """
    stored = AuditEvent.objects.order_by("merchant_id").values_list("merchant_id", flat=True).distinct()
    chains = {*stored, *(head.merchant_id for head in known)}
    heads, breaks = [], []
    for merchant_id in sorted(chains, key=lambda chain: chain or 0):
        outcome = verify_chain(merchant_id, [head for head in known if head.merchant_id == merchant_id])
        if isinstance(outcome, Break):
            breaks.append(outcome)
        else:
            heads.append(outcome)
    return Verdict(tuple(heads), tuple(breaks))


def verify_chain(merchant_id: int | None, known: Sequence[Head] = ()) -> Head | Break:
    """The chain's head when every row fits, seq 0 when it has none; else its first break."""
    return verify_part(start_of(merchant_id), known).outcome


def start_of(merchant_id: int | None) -> Head:
    """Where a chain begins, before its first row."""
    return Head(merchant_id, 0, GENESIS)


def verify_part(after: Head, known: Sequence[Head] = (), *, at_most: int | None = None) -> Part:
    """The rows behind ``after``, which was verified before; ``at_most`` so many of them."""
    expected: dict[int, set[str]] = {}
    for head in known:
        expected.setdefault(head.seq, set()).add(head.hash)
    last, merchant_id = after, after.merchant_id
    # One statement is one snapshot: rows written meanwhile cannot look like a break.
    chain = AuditEvent.objects.of_chain(merchant_id)
    events = chain.filter(seq__gt=after.seq) if after.seq else chain
    for event in events.order_by("seq", "id")[:at_most].iterator(chunk_size=1000):
        finding = _misfit(event, last, expected)
        if finding:
            return Part(Break(merchant_id, last.seq + 1, finding), ended=True)
        last = Head(merchant_id, event.seq, event.hash)
    # Every row so far is one number.
    ended = at_most is None or last.seq - after.seq < at_most
    missing = max(expected, default=0)
    if ended and missing > last.seq:
        return Part(
            Break(merchant_id, last.seq + 1, f"missing, although an earlier head counted {missing} rows."), True
        )
    return Part(last, ended)


def _misfit(event: AuditEvent, last: Head, expected: Mapping[int, set[str]]) -> str:
    return next(_misfits(event, last, expected), "")


def _misfits(event: AuditEvent, last: Head, expected: Mapping[int, set[str]]) -> Iterator[str]:
    if event.seq > last.seq + 1:
        yield f"missing, the next one is row {event.seq}."
    if event.seq <= last.seq:
        yield f"another row numbered {event.seq} follows row {last.seq}."
    if event.prev_hash != last.hash:
        yield "its link is not the hash of the row before."
    if event.hash != digest(event):
        yield "its content is not what was hashed."
    if expected.get(event.seq, {event.hash}) != {event.hash}:
        yield "its hash is not the one in an earlier head: the chain was written anew."
