"""Add the books up anew, and name the first thing in them that does not fit."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_UNBALANCED = """
SELECT format('entry %s (%s) does not balance: %s too much in %s', entry.id, entry.source, sum(posting.amount),
              place.currency)
  FROM journal_entry AS entry JOIN posting ON posting.entry_id = entry.id
  JOIN ledger_account AS place ON place.id = posting.ledger_account_id
 GROUP BY entry.id, entry.source, place.currency HAVING sum(posting.amount) <> 0 ORDER BY entry.id LIMIT 1
"""
_EMPTY = """
SELECT format('entry %s (%s) has no postings', entry.id, entry.source) FROM journal_entry AS entry
 WHERE NOT EXISTS (SELECT FROM posting WHERE posting.entry_id = entry.id) ORDER BY entry.id LIMIT 1
"""
_ELSEWHERE = """
SELECT format('entry %s (%s) posts to an account of another connection', entry.id, entry.source)
  FROM journal_entry AS entry JOIN posting ON posting.entry_id = entry.id
  JOIN ledger_account AS place ON place.id = posting.ledger_account_id
 WHERE place.account_id <> entry.account_id ORDER BY entry.id LIMIT 1
"""
_AT_ANOTHER_TIME = """
SELECT format('entry %s (%s) is of %s, a posting of it of %s', entry.id, entry.source, entry.occurred_at,
              posting.occurred_at)
  FROM journal_entry AS entry JOIN posting ON posting.entry_id = entry.id
 WHERE posting.occurred_at <> entry.occurred_at ORDER BY entry.id LIMIT 1
"""
_BALANCES = """
SELECT format('account %s (%s in %s) says %s, its postings come to %s', place.id, place.code, place.currency,
              place.balance, coalesce(sum(posting.amount), 0))
  FROM ledger_account AS place LEFT JOIN posting ON posting.ledger_account_id = place.id
 GROUP BY place.id HAVING place.balance <> coalesce(sum(posting.amount), 0) ORDER BY place.id LIMIT 1
"""
_REVISIONS = """
SELECT format('movement %s has %s entries of kind %s, the newest of which is revision %s', source, count(*), kind,
              max(revision))
  FROM journal_entry GROUP BY account_id, source, kind HAVING count(*) <> max(revision) ORDER BY min(id) LIMIT 1
"""
_CHECKS = (_UNBALANCED, _EMPTY, _ELSEWHERE, _AT_ANOTHER_TIME, _REVISIONS, _BALANCES)


def count() -> int:
    """How many postings there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM posting")
        return int(cursor.fetchone()[0])


def misfits() -> Iterator[str]:
    """The first thing that is wrong by each rule, in words for people."""
    yield from first_of(_CHECKS)


def first_of(checks: tuple[str, ...]) -> Iterator[str]:
    """What these queries say, each at most one sentence."""
    for check in checks:
        with connection.cursor() as cursor:
            cursor.execute(check)
            found = cursor.fetchone()
        if found:
            yield found[0]


@contextmanager
def one_snapshot() -> Iterator[None]:
    """What is written meanwhile is not seen, so that it cannot look like a difference. Inside a transaction that has
    begun already it is that one's."""
    begun = connection.in_atomic_block
    with transaction.atomic():
        if not begun:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
