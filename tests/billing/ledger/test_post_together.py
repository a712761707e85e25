"""Several workers tell of movements at once."""

import threading
from collections.abc import Callable

from django.db import connection, transaction

from billing import clock
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind, JournalEntry
from billing.ledger.post import Fact, settle
from billing.ledger.verify import misfits
from tests.billing.deliveries import make_connection

LINES = ((Code.PENDING, "EUR", 970), (Code.FEES, "EUR", 30), (Code.PAYMENTS, "EUR", -1000))


def at_once(number: int, work: Callable[[int], int]) -> list[int]:
    """What each of so many threads answers; an exception is the test's."""
    together, answers, wrong = threading.Barrier(number), [0] * number, []

    def run(which: int) -> None:
        try:
            together.wait(10)
            answers[which] = work(which)
        except Exception as error:  # noqa: BLE001 - told to the test below
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[which]) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    return answers


def test_of_those_that_tell_one_fact_at_once_one_posts_it(committed_db: str) -> None:
    """To accounts that are open. What many facts tell of is held by whoever tells them."""
    account = make_connection()
    settle([Fact(account.pk, "txn_0", EntryKind.BOOKED, clock.now(), LINES)])
    told = at_once(6, lambda _: settle([Fact(account.pk, "txn_1", EntryKind.BOOKED, clock.now(), LINES)]))
    assert sorted(told) == [0] * 5 + [3]
    assert JournalEntry.objects.count() == 2
    assert list(misfits()) == []


def test_those_that_tell_different_facts_never_wait_for_each_other(committed_db: str) -> None:
    """One by one and in batches, whatever the order of their lines, into accounts that are opened meanwhile."""
    account = make_connection()
    codes = (Code.PENDING, Code.FEES, Code.AVAILABLE, Code.BANK, Code.REFUNDS)

    def tell(which: int) -> int:
        posted = 0
        for turn in range(6):
            pair = (codes[(which + turn) % 5], codes[(which + 2 * turn + 1) % 5])
            currency = ("EUR", "JPY")[turn % 2]
            lines = [(pair[which % 2], currency, 5), (pair[1 - which % 2], currency, 7), (Code.SUSPENSE, currency, -12)]
            names = [f"txn_{which}_{turn}_{number}" for number in range(1 if turn % 3 else 4)]
            with transaction.atomic():
                posted += settle(Fact(account.pk, name, EntryKind.BOOKED, clock.now(), lines) for name in names)
        return posted

    at_once(6, tell)
    assert JournalEntry.objects.count() == 6 * (4 + 1 + 1 + 4 + 1 + 1)
    assert list(misfits()) == []
