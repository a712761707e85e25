"""The books against somebody who owns the tables: each rule finds what is wrong by it, and names the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from billing import clock
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind, JournalEntry, LedgerAccount, Posting
from billing.ledger.post import Fact, settle
from billing.ledger.verify import count, misfits
from tests.billing.deliveries import make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.as_owner]
TABLES = ("ledger_account", "journal_entry", "posting")
LINES = ((Code.PENDING, "EUR", 970), (Code.FEES, "EUR", 30), (Code.PAYMENTS, "EUR", -1000))


@pytest.fixture
def account():
    made = make_connection()
    settle([Fact(made.pk, f"txn_{number}", EntryKind.BOOKED, clock.now(), LINES) for number in (1, 2, 3)])
    return made


@contextmanager
def triggers_off() -> Iterator[None]:
    with connection.cursor() as cursor:
        # What is checked at the end of the transaction would wait for the triggers that are switched off.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(
            "UPDATE ledger_account SET balance = (SELECT coalesce(sum(amount), 0) FROM posting WHERE "
            "ledger_account_id = ledger_account.id)"
        )


def entry(source: str) -> JournalEntry:
    return JournalEntry.objects.get(source=source)


def posting(source: str, code: Code) -> Posting:
    return Posting.objects.get(entry__source=source, ledger_account__code=code)


def change(row: JournalEntry | Posting | LedgerAccount, **values: object) -> None:
    type(row).objects.filter(pk=row.pk).update(**values)


def test_whole_books_hold(account):
    assert (count(), [*misfits()]) == (9, [])
    revise(account)
    assert (count(), [*misfits()]) == (11, [])


def revise(account) -> None:
    lines = ((Code.PENDING, "EUR", 960), (Code.FEES, "EUR", 40), LINES[2])
    settle([Fact(account.pk, "txn_2", EntryKind.BOOKED, clock.now(), lines)])


def test_an_entry_that_does_not_balance_is_found(account):
    with triggers_off():
        for source in ("txn_3", "txn_2"):
            change(posting(source, Code.FEES), amount=35)
    assert list(misfits()) == [f"entry {entry('txn_2').pk} (txn_2) does not balance: 5 too much in EUR"]


def test_two_currencies_that_balance_together_do_not(account):
    with triggers_off():
        place = LedgerAccount.objects.create(account=account, currency="USD", code=Code.FEES)
        change(posting("txn_2", Code.FEES), ledger_account=place)
    [found] = misfits()
    assert "(txn_2) does not balance: " in found


def test_an_entry_without_postings_is_found(account):
    with triggers_off():
        Posting.objects.filter(entry__source__in=["txn_2", "txn_3"]).delete()
    assert (count(), [*misfits()]) == (3, [f"entry {entry('txn_2').pk} (txn_2) has no postings"])


def test_a_posting_to_the_books_of_another_connection_is_found(account):
    other = make_connection()
    with triggers_off():
        place = LedgerAccount.objects.create(account=other, currency="EUR", code=Code.FEES)
        for source in ("txn_3", "txn_2"):
            change(posting(source, Code.FEES), ledger_account=place)
    assert list(misfits()) == [f"entry {entry('txn_2').pk} (txn_2) posts to an account of another connection"]


def test_a_posting_at_another_time_than_its_entry_is_found(account):
    with triggers_off():
        for source in ("txn_3", "txn_2"):
            change(posting(source, Code.FEES), occurred_at=clock.now() + timedelta(days=1))
    [found] = misfits()
    assert found.startswith(f"entry {entry('txn_2').pk} (txn_2) is of ")


def test_a_skipped_revision_is_found(account):
    with triggers_off():
        JournalEntry.objects.filter(source__in=["txn_2", "txn_3"]).update(revision=2)
    said = "movement txn_2 has 1 entries of kind booked, the newest of which is revision 2"
    assert list(misfits()) == [said]


def test_a_gap_between_revisions_is_found(account):
    revise(account)
    with triggers_off():
        JournalEntry.objects.filter(revision=2).update(revision=3)
    said = "movement txn_2 has 2 entries of kind booked, the newest of which is revision 3"
    assert list(misfits()) == [said]


def test_a_balance_that_its_postings_do_not_come_to_is_found(account):
    with triggers_off():
        pass
    for code in (Code.PAYMENTS, Code.PENDING):
        change(LedgerAccount.objects.get(code=code), balance=7)
    first = LedgerAccount.objects.filter(code__in=[Code.PAYMENTS, Code.PENDING]).earliest("pk")
    comes_to = {Code.PAYMENTS: -3000, Code.PENDING: 2910}[Code(first.code)]
    said = f"account {first.pk} ({first.code} in EUR) says 7, its postings come to {comes_to}"
    assert list(misfits()) == [said]


def test_a_balance_of_nothing_is_found(account):
    with triggers_off():
        place = LedgerAccount.objects.create(account=account, currency="EUR", code=Code.BANK)
    change(place, balance=1)
    assert list(misfits()) == [f"account {place.pk} (bank in EUR) says 1, its postings come to 0"]


def test_what_is_wrong_by_several_rules_is_said_by_each(account):
    with triggers_off():
        change(posting("txn_1", Code.FEES), amount=35)
        Posting.objects.filter(entry__source="txn_2").delete()
        change(entry("txn_3"), revision=3)
    change(LedgerAccount.objects.get(code=Code.FEES), balance=0)
    rules = ["does not balance", "has no postings", "the newest of which", "its postings come to"]
    assert [rule in found for rule, found in zip(rules, misfits(), strict=True)] == [True] * 4
