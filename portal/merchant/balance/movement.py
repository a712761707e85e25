"""One movement of the balance: everything that was posted of it, what it comes from, and who and what told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404

from billing.access.verbs import P
from billing.audit.models import AuditEvent
from billing.ledger.chart import Code
from billing.ledger.explain import Entry, entries_of
from billing.merchants.models import Merchant
from billing.payouts.models import BalanceTransaction
from billing.payouts.queries import Origin, origins_of
from billing.webhooks.models import WebhookEvent
from portal.merchant.balance.scope import BalanceScope, scope_of
from portal.merchant.balance.statement import words_of_kind
from portal.web.audit.actions import Text, action_text
from portal.web.json_text import redacted
from portal.web.movements import movement_words

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class LineRow:
    """Minor units; one of ``debit`` and ``credit`` is None."""

    account: str
    currency: str
    debit: int | None
    credit: int | None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """``sums`` are (currency, debits, credits): each pair is equal, or the books do not hold."""

    title: str
    entry: Entry
    lines: Sequence[LineRow]
    sums: Sequence[tuple[str, int, int]]

    @property
    def balances(self) -> bool:
        return all(debited == credited for _, debited, credited in self.sums)


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what about which object."""

    words: Text
    who: str
    object: str
    at: datetime


class MovementPage:
    def __init__(self, scope: BalanceScope, movement: BalanceTransaction, can: Any, *, by_person: bool) -> None:
        self.scope, self.movement, self._can, self._by_person = scope, movement, can, by_person

    @property
    def balance_url(self) -> str:
        return self.scope.page("balance")

    @property
    def title(self) -> str:
        words = movement_words(self.movement.type, self.movement.reporting_category)
        return words[:1].upper() + words[1:]

    @property
    def description(self) -> str:
        text = self.movement.description
        return text if self._by_person else redacted(text, personal=True)

    @cached_property
    def entries(self) -> list[EntryRow]:
        return [entry_row(each) for each in entries_of(self.movement.account_id, [self.movement.external_id])]

    @property
    def to_place(self) -> bool:
        """Whether nobody could say what it is."""
        return any(line.code == Code.SUSPENSE for row in self.entries for line in row.entry.lines)

    # --- What it comes from ---
    @cached_property
    def origin(self) -> Origin | None:
        ref = (self.movement.account_id, self.movement.source_id)
        return origins_of({ref}).get(ref) if self.movement.source_id else None

    @property
    def origin_text(self) -> str:
        if self.origin is None:
            return self.movement.source_id
        told = self.origin.reference or self.origin.description
        return (told if self._by_person else redacted(told, personal=True)) or self.origin.public_id

    @property
    def origin_url(self) -> str:
        """The payment that it belongs to, where the reader may see payments."""
        if self.origin is None or not self.origin.payment or not self._can(P.PAYMENTS_VIEW):
            return ""
        anchor = f"#{self.origin.public_id}" if self.origin.public_id != self.origin.payment else ""
        return f"{self.scope.page('transactions')}{self.origin.payment}/{anchor}"

    @property
    def activity_url(self) -> str:
        """All movements because of the same object."""
        if not self.movement.source_id or not self._can(P.PAYMENTS_VIEW):
            return ""
        return f"{self.scope.page('activity')}?{urlencode({'q': self.movement.source_id})}"

    # --- Who told of it ---
    @cached_property
    def events(self) -> list[WebhookEvent]:
        """About the object that it comes from, newest first. Of movements themselves no event tells."""
        if not self.movement.source_id:
            return []
        ours = WebhookEvent.objects.for_merchant(self.scope.merchant, self.scope.livemode)
        told = ours.filter(account=self.movement.account_id, object_id=self.movement.source_id)
        columns = ("public_id", "type", "external_id", "occurred_at", "state", "attempts", "outcome")
        return list(told.only(*columns).order_by("-occurred_at", "-id")[:_SHOWN])

    @cached_property
    def people(self) -> list[Act]:
        """What was done about that object, its payment, or the connection that it came through, newest first."""
        named = {self.movement.account.public_id}
        if self.origin is not None:
            named |= {self.origin.public_id, self.origin.payment} - {""}
        acts = AuditEvent.objects.for_merchant(self.scope.merchant.pk).filter(object_id__in=named)
        newest = acts.order_by("-occurred_at", "-seq")[:_SHOWN]
        return [Act(action_text(each.action), each.actor_label, each.object_id, each.occurred_at) for each in newest]

    @property
    def audit_url(self) -> str:
        return self.scope.page("audit") if self._can(P.AUDIT_VIEW) else ""

    @property
    def events_url(self) -> str:
        return self.scope.page("events") if self._can(P.EVENTS_VIEW) else ""


def load_movement(merchant: Merchant, livemode: bool, public_id: str, can: Any, *, by_person: bool) -> MovementPage:
    """``by_person``: whether the reader may know whose payments these are. Raises Http404."""
    movements = BalanceTransaction.objects.for_merchant(merchant, livemode).select_related("account")
    movement = movements.filter(public_id=public_id).first()
    if movement is None:
        raise Http404
    return MovementPage(scope_of(merchant, livemode, ""), movement, can, by_person=by_person)


def entry_row(entry: Entry) -> EntryRow:
    sums: dict[str, tuple[int, int]] = {}
    lines = []
    for line in entry.lines:
        debited, credited = sums.get(line.currency, (0, 0))
        debit, credit = (line.amount, None) if line.amount > 0 else (None, -line.amount)
        sums[line.currency] = (debited + (debit or 0), credited + (credit or 0))
        lines.append(LineRow(str(line.code.label), line.currency, debit, credit))
    title = words_of_kind(entry.kind, entry.revision)
    return EntryRow(title[:1].upper() + title[1:], entry, lines, [(currency, *pair) for currency, pair in sums.items()])
