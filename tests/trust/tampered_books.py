"""What somebody could do to the books, who gets past their triggers. Runs in the actor's process."""

import random
from datetime import timedelta

from billing import clock
from billing.audit.actor import SYSTEM
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind, JournalEntry, LedgerAccount, Posting
from billing.ledger.post import Fact, settle
from billing.merchants.create import create_merchant
from billing.payouts.book import book_movements, book_payouts
from billing.providers.connect import connect_stripe
from billing.providers.models import ProviderAccount
from tests.portal.money import write_movement, write_payout
from tests.trust.tampering import execute

TABLES = ("ledger_account", "journal_entry", "posting")
MOVEMENTS = 12
_KINDS = (("charge", 2000, 59), ("refund", -700, 0), ("adjustment", -1500, 1500), ("stripe_fee", -300, 0))
_FOLD = """
UPDATE ledger_account AS place SET balance = coalesce(
    (SELECT sum(amount) FROM posting WHERE ledger_account_id = place.id), 0)
"""


def write(chance: random.Random, base: str) -> None:
    """Two connections with movements of all kinds and payouts, in the books."""
    for slug in ("one", "two"):
        merchant = create_merchant(slug=slug, name=slug, timezone="Europe/Paris", currency="EUR", by=SYSTEM)
        connect_stripe(
            merchant=merchant,
            livemode=False,
            api_key=f"sk_test_{slug}",
            webhook_secret="whsec_0123456789abcdef",
            account="",
            api_base=base,
            by=SYSTEM,
        )
    for account in ProviderAccount.objects.all():
        made = [_movement(account, chance) for _ in range(MOVEMENTS)]
        out = write_movement(account, type="payout", reporting_category="payout", amount=-900, fee=0)
        book_movements([*made, out])
        book_payouts([write_payout(account, amount=900, balance_transaction_id=out.external_id)])


def _movement(account: ProviderAccount, chance: random.Random) -> object:
    type_, amount, fee = chance.choice(_KINDS)
    at = clock.now() - timedelta(days=chance.randint(1, 40))
    fields = {"currency": chance.choice(["EUR", "USD"]), "created_at": at, "available_on": at + timedelta(days=2)}
    return write_movement(account, type=type_, amount=amount + chance.randint(1, 99), fee=fee, **fields)


def _posting(chance: random.Random) -> Posting:
    return chance.choice(list(Posting.objects.select_related("entry", "ledger_account").order_by("pk")))


def _pair(chance: random.Random) -> list[Posting]:
    """Two postings of one entry in one currency."""
    one = _posting(chance)
    others = one.entry.postings.exclude(pk=one.pk).order_by("pk")
    return [one, chance.choice(list(others))]


def _set(posting: Posting, amount: int) -> None:
    execute("UPDATE posting SET amount = %s WHERE id = %s", amount, posting.pk)


def _fold() -> None:
    """Balances as they would be, had it always been so."""
    execute(_FOLD)


def an_amount_is_changed(chance: random.Random) -> None:
    posting = _posting(chance)
    _set(posting, posting.amount + chance.choice((1, -1, 100)) or 7)


def an_amount_is_changed_with_its_balance(chance: random.Random) -> None:
    an_amount_is_changed(chance)
    _fold()


def a_pair_is_changed(chance: random.Random) -> None:
    """So that the entry balances and the accounts agree."""
    one, other = _pair(chance)
    by = chance.randint(1, 10_000) * 100_000
    _set(one, one.amount + by)
    _set(other, other.amount - by)
    _fold()


def a_posting_is_deleted(chance: random.Random) -> None:
    execute("DELETE FROM posting WHERE id = %s", _posting(chance).pk)


def an_entry_is_deleted(chance: random.Random) -> None:
    entry = _posting(chance).entry_id
    execute("DELETE FROM posting WHERE entry_id = %s", entry)
    execute("DELETE FROM journal_entry WHERE id = %s", entry)
    _fold()


def the_newest_entries_are_deleted(chance: random.Random) -> None:
    first = _posting(chance).entry_id
    execute("DELETE FROM posting WHERE entry_id >= %s", first)
    execute("DELETE FROM journal_entry WHERE id >= %s", first)
    _fold()


def a_posting_is_moved_to_another_account(chance: random.Random) -> None:
    posting = _posting(chance)
    here = posting.ledger_account
    taken = posting.entry.postings.values("ledger_account")
    places = LedgerAccount.objects.filter(account=here.account, currency=here.currency).exclude(pk__in=taken)
    place = chance.choice([*places.order_by("pk"), here])
    execute("UPDATE posting SET ledger_account_id = %s WHERE id = %s", place.pk, posting.pk)
    _fold()


def two_postings_swap_amounts(chance: random.Random) -> None:
    one, other = _pair(chance)
    _set(one, other.amount)
    _set(other, one.amount)
    _fold()


def an_entry_is_doubled(chance: random.Random) -> None:
    _further(_posting(chance).entry, sign=1)


def an_entry_is_taken_back(chance: random.Random) -> None:
    _further(_posting(chance).entry, sign=-1)


def _further(entry: JournalEntry, *, sign: int) -> None:
    new = JournalEntry(account_id=entry.account_id, source=entry.source, kind=entry.kind, revision=entry.revision + 1)
    new.occurred_at = entry.occurred_at
    _post(new, [(each.ledger_account_id, sign * each.amount) for each in entry.postings.all()])


def _post(entry: JournalEntry, lines: list[tuple[int, int]]) -> None:
    """Past the door of the books."""
    entry.save(force_insert=True)
    Posting.objects.bulk_create(
        Posting(entry=entry, ledger_account_id=place, amount=amount, occurred_at=entry.occurred_at)
        for place, amount in lines
    )


def an_entry_is_doubled_with_its_balances(chance: random.Random) -> None:
    an_entry_is_doubled(chance)
    _fold()


def an_entry_is_invented(chance: random.Random) -> None:
    entry = _posting(chance).entry
    new = JournalEntry(account_id=entry.account_id, source="txn_invented", kind="booked", revision=1)
    new.occurred_at = entry.occurred_at
    _post(new, [(each.ledger_account_id, each.amount) for each in entry.postings.all()])


def an_entry_is_invented_with_its_balances(chance: random.Random) -> None:
    an_entry_is_invented(chance)
    _fold()


def a_balance_is_changed(chance: random.Random) -> None:
    place = chance.choice(list(LedgerAccount.objects.order_by("pk")))
    execute("UPDATE ledger_account SET balance = balance + %s WHERE id = %s", chance.randint(1, 10**9), place.pk)


def two_accounts_swap_names(chance: random.Random) -> None:
    one, other = _two_accounts(chance)
    for place, code in ((one, "issuing"), (other, one.code), (one, other.code)):
        execute("UPDATE ledger_account SET code = %s WHERE id = %s", code, place.pk)


def _two_accounts(chance: random.Random) -> list[LedgerAccount]:
    account, currency = _posting(chance).ledger_account.account_id, "EUR"
    places = LedgerAccount.objects.filter(account=account, currency=currency)
    return chance.sample(list(places.order_by("pk")), 2)


def two_entries_swap_sources(chance: random.Random) -> None:
    one, other = (_posting(chance).entry for _ in range(2))
    for entry, source in ((one, "txn_meanwhile"), (other, one.source), (one, other.source)):
        execute("UPDATE journal_entry SET source = %s WHERE id = %s", source, entry.pk)


def a_source_is_changed(chance: random.Random) -> None:
    execute("UPDATE journal_entry SET source = source || '0' WHERE id = %s", _posting(chance).entry_id)


def a_kind_is_changed(chance: random.Random) -> None:
    entry = _posting(chance).entry
    told = JournalEntry.objects.filter(account=entry.account_id, source=entry.source).values_list("kind", flat=True)
    kind = chance.choice([kind for kind in ("booked", "available", "arrived") if kind not in told])
    execute("UPDATE journal_entry SET kind = %s WHERE id = %s", kind, entry.pk)


def a_revision_is_skipped(chance: random.Random) -> None:
    execute("UPDATE journal_entry SET revision = revision + 1 WHERE id = %s", _posting(chance).entry_id)


def a_moment_is_changed(chance: random.Random) -> None:
    posting = _posting(chance)
    table, row = chance.choice([("journal_entry", posting.entry_id), ("posting", posting.pk)])
    execute(f"UPDATE {table} SET occurred_at = occurred_at + interval '1 day' WHERE id = %s", row)


def an_entry_is_moved_to_another_day(chance: random.Random) -> None:
    """With its postings. When the bank got something nobody else can say later."""
    entry = _posting(chance).entry
    for table, column in (("journal_entry", "id"), ("posting", "entry_id")) if entry.kind != "arrived" else ():
        execute(f"UPDATE {table} SET occurred_at = occurred_at + interval '1 day' WHERE {column} = %s", entry.pk)


def all_is_truncated(chance: random.Random) -> None:
    execute("TRUNCATE posting, journal_entry, ledger_account")


def postings_are_replaced_by_a_view(chance: random.Random) -> None:
    posting = _posting(chance)
    execute("ALTER TABLE posting RENAME TO put_away")
    execute("CREATE VIEW posting AS SELECT * FROM put_away WHERE id <> %s", posting.pk)


ACTS = (
    *(an_amount_is_changed, an_amount_is_changed_with_its_balance, a_pair_is_changed, a_posting_is_deleted),
    *(an_entry_is_deleted, the_newest_entries_are_deleted, a_posting_is_moved_to_another_account),
    *(two_postings_swap_amounts, an_entry_is_doubled_with_its_balances, an_entry_is_invented_with_its_balances),
    *(a_balance_is_changed, two_accounts_swap_names, two_entries_swap_sources, a_source_is_changed, a_kind_is_changed),
    *(a_revision_is_skipped, a_moment_is_changed, an_entry_is_moved_to_another_day, all_is_truncated),
    postings_are_replaced_by_a_view,
)


def a_movement_is_told_twice_as_large(chance: random.Random) -> None:
    _tell(_posting(chance).entry, times=2)


def a_movement_is_told_as_nothing(chance: random.Random) -> None:
    _tell(_posting(chance).entry, times=0)


def a_movement_is_invented(chance: random.Random) -> None:
    entry = _posting(chance).entry
    entry.source = "txn_invented"
    _tell(entry, times=1)


def _tell(entry: JournalEntry, *, times: int) -> None:
    """Through the door, as anybody can who works with the books."""
    postings = entry.postings.select_related("ledger_account")
    places = [(each.ledger_account, times * each.amount) for each in postings]
    lines = [(Code(place.code), place.currency, amount) for place, amount in places]
    settle([Fact(entry.account_id, entry.source, EntryKind(entry.kind), entry.occurred_at, lines)])


def an_account_is_opened_with_money(chance: random.Random) -> None:
    account = _posting(chance).ledger_account.account_id
    LedgerAccount.objects.create(account_id=account, currency="CHF", code="bank", balance=100)


def a_posting_is_added_to_an_entry(chance: random.Random) -> None:
    one, other = _posting(chance), _posting(chance)
    place, moment = other.ledger_account_id, one.entry.occurred_at
    Posting.objects.create(entry=one.entry, ledger_account_id=place, amount=5, occurred_at=moment)


ADDITIONS = (
    *(an_entry_is_doubled, an_entry_is_taken_back, an_entry_is_invented),
    *(a_movement_is_told_twice_as_large, a_movement_is_told_as_nothing, a_movement_is_invented),
    *(an_account_is_opened_with_money, a_posting_is_added_to_an_entry),
)
