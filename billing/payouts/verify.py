"""Hold the books against the movements and payouts that they were made from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from billing.ledger.post import Fact, due
from billing.ledger.verify import count, first_of, misfits, one_snapshot
from billing.payouts.book import fact_of, facts_of
from billing.payouts.models import BalanceTransaction, Payout

_ROWS = 1000
_NEVER_MOVED = """
SELECT format('entry %s tells of %s, which is no movement here', entry.id, entry.source) FROM journal_entry AS entry
 WHERE NOT EXISTS (
    SELECT FROM balance_transaction AS movement
     WHERE (movement.account_id, movement.external_id) = (entry.account_id, entry.source))
   AND NOT (entry.kind = 'arrived' AND EXISTS (
    SELECT FROM payout
     WHERE (payout.account_id, payout.balance_transaction_id) = (entry.account_id, entry.source)))
 ORDER BY entry.id LIMIT 1
"""
_NOT_BOOKED = """
SELECT format('movement %s is not in the books yet', external_id) FROM balance_transaction
 WHERE booking = '' ORDER BY id LIMIT 1
"""
# Statements of account go by these days. What the bank got has the day that the processor said then.
_AT_ANOTHER_TIME = """
SELECT format('entry %s tells of %s at %s, it was at %s', entry.id, entry.source, entry.occurred_at,
              greatest(movement.created_at, CASE entry.kind WHEN 'available' THEN movement.available_on END))
  FROM journal_entry AS entry
  JOIN balance_transaction AS movement ON (movement.account_id, movement.external_id) = (entry.account_id, entry.source)
 WHERE entry.kind <> 'arrived'
   AND entry.occurred_at <>
       greatest(movement.created_at, CASE entry.kind WHEN 'available' THEN movement.available_on END)
 ORDER BY entry.id LIMIT 1
"""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many postings there are, and the first that is wrong by each rule, in words for people."""

    postings: int
    findings: tuple[str, ...]


def verify_books() -> Verdict:
    """Everything there is about the books of the installation: that they hold by themselves, and that they say what
    movements and payouts say, no more and no less. Reads all of them, within one snapshot."""
    with one_snapshot():
        return Verdict(count(), tuple(_findings()))


def _findings() -> Iterator[str]:
    yield from misfits()
    yield from first_of((_NOT_BOOKED, _NEVER_MOVED, _AT_ANOTHER_TIME))
    movements = BalanceTransaction.objects.exclude(booking="").order_by("pk").iterator(chunk_size=_ROWS)
    yield from islice(_differences(fact for movement in movements for fact in facts_of(movement)), 1)
    payouts = Payout.objects.exclude(balance_transaction_id="").order_by("pk").iterator(chunk_size=_ROWS)
    yield from islice(_differences(fact_of(payout) for payout in payouts), 1)


def _differences(facts: Iterable[Fact]) -> Iterator[str]:
    for some in _in_parts(facts):
        for fact, place, amount in due(some):
            yield f"{fact.source} ({fact.kind.value}) comes to {amount:+} minor units more in {place} than was posted"


def _in_parts(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    left = iter(rows)
    while part := list(islice(left, _ROWS)):
        yield part
