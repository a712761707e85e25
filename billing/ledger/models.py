"""Accounts, entries and postings. The database refuses an entry that does not balance, and any change of one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.ledger.chart import Code


class EntryKind(models.TextChoices):
    """What an entry tells of a movement."""

    BOOKED = "booked", _("Booked")
    # What was pending can be paid out.
    AVAILABLE = "available", _("Became available")
    ARRIVED = "arrived", _("Reached the bank")


class LedgerAccount(models.Model):
    """``balance`` in minor units, debits less credits: the sum of its postings, kept by the database alone."""

    account = models.ForeignKey("billing.ProviderAccount", on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=24, choices=Code)
    balance = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["account", "currency", "code"], name="ledger_account_once"),
            models.CheckConstraint(condition=Q(code__in=Code.values), name="ledger_account_code_known"),
        ]


class JournalEntry(models.Model):
    """``source`` is the processor's id of the movement (a balance transaction) that it tells of. What an earlier entry
    of the same source and kind said wrongly, or what changed since, is a further ``revision`` with the difference.
    ``occurred_at`` is the processor's."""

    # That it exists is known from its accounts in the books.
    account = models.ForeignKey(
        "billing.ProviderAccount", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    source = models.CharField(max_length=255)
    kind = models.CharField(max_length=12, choices=EntryKind)
    revision = models.PositiveSmallIntegerField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "journal_entry"
        constraints = [
            models.UniqueConstraint(fields=["account", "source", "kind", "revision"], name="journal_entry_once"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="journal_entry_kind_known"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="journal_entry_revision_from_one"),
            models.CheckConstraint(condition=~Q(source=""), name="journal_entry_has_a_source"),
        ]


class Posting(models.Model):
    """``amount`` in minor units of the account's currency: a debit is positive, a credit negative. ``occurred_at`` is
    the entry's, so that a statement of account is read along one index."""

    # That both exist is known by what writes postings, and nothing else can.
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="postings", db_index=False, db_constraint=False
    )
    ledger_account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "posting"
        constraints = [
            models.UniqueConstraint(fields=["entry", "ledger_account"], name="posting_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="posting_moves_something"),
        ]
        # Of a statement of account, and of its balance at any moment.
        indexes = [
            models.Index(fields=["ledger_account", "occurred_at", "id"], include=["amount"], name="posting_of_account")
        ]
