"""The objects that a search names, kind by kind, out of what its reader may see."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from billing.customers import queries as customers
from billing.customers.models import Customer
from billing.mirror.models import MirroredQuerySet
from billing.mirror.queries import Accounts, named
from billing.payments.models import PaymentQuerySet
from billing.payments.queries import ROW, capped_count
from billing.payouts import queries as payouts
from billing.payouts.models import BalanceTransaction, Payout
from billing.refunds.models import Refund
from billing.webhooks import queries as webhooks
from billing.webhooks.models import WebhookEventQuerySet
from disputes.chargebacks.models import Dispute
from portal.web.search.asked import THEIRS, Asked

# What belongs to payments is looked up for so many of them.
FOLLOWED = 25
# Behind the columns of a payment in a list: whose it is.
WHOSE = ("merchant__slug", "merchant__name", "livemode")
_COLUMNS = {
    "refunds": ("public_id", "external_id", "amount", "currency", "provider_status", "reason", "created_at"),
    "disputes": ("public_id", "external_id", "amount", "currency", "provider_status", "reason", "created_at"),
    "payouts": ("public_id", "external_id", "amount", "currency", "provider_status", "arrival_at", "created_at"),
    "customers": ("public_id", "external_id", "name", "email", "created_at"),
    "events": ("public_id", "external_id", "type", "object_id", "state", "attempts", "outcome", "received_at"),
}
_ABOUT = ("payment__public_id", "payment__reference", "payment__description", "payment_id")
_WHOSE = ("livemode", "merchant__slug", "merchant__name")


@dataclass(frozen=True)
class Scope:
    """Everything that the reader may see. ``events`` is None for somebody who may see none; without ``by_person``
    nothing is found by a name or an address."""

    payments: PaymentQuerySet
    refunds: MirroredQuerySet[Refund]
    disputes: MirroredQuerySet[Dispute]
    payouts: MirroredQuerySet[Payout]
    customers: MirroredQuerySet[Customer]
    movements: MirroredQuerySet[BalanceTransaction]
    events: WebhookEventQuerySet | None
    accounts: Accounts
    by_person: bool


@dataclass(frozen=True)
class Found:
    """Up to a limit of rows, newest first. Rows of payments are tuples of ROW and WHOSE."""

    kind: str
    rows: list[Any]
    has_more: bool = False
    everything: QuerySet[Any, Any] | None = None

    @cached_property
    def count(self) -> int:
        """How many there are, as billing.payments.queries.capped_count says it."""
        if not self.has_more or self.everything is None:
            return len(self.rows)
        return capped_count(self.everything)


@dataclass
class Finder:
    """``payments`` narrows the scope's payments to those that are asked for; it is called when they are needed."""

    scope: Scope
    asked: Asked
    payments: Callable[[Asked], PaymentQuerySet]
    limit: int
    found: dict[str, Found] = field(default_factory=dict)

    def find(self) -> dict[str, Found]:
        """The kinds of objects of which there are any."""
        if self.asked.id and self.asked.kind == "movements":
            self._follow_movement()
        if self.asked.is_id and self.asked.kind != "payments":
            self._by_id()
        else:
            self._by_payment()
            self._by_words()
        self._events()
        return {kind: found for kind, found in self.found.items() if found.rows}

    def _follow_movement(self) -> None:
        source = payouts.source_of(self.scope.movements, self.asked.id, accounts=self.scope.accounts)
        if source.partition("_")[0] in THEIRS:
            self.asked = replace(self.asked, id=source)

    def _by_id(self) -> None:
        scope, kind = self.scope, self.asked.kind
        rows: dict[str, MirroredQuerySet[Any]] = {
            "refunds": scope.refunds,
            "disputes": scope.disputes,
            "payouts": scope.payouts,
            "customers": scope.customers,
        }
        if kind in rows:
            self._take(kind, named(rows[kind], self.asked.id, accounts=scope.accounts))

    def _by_payment(self) -> None:
        payments = self.payments(self.asked)
        rows = payments.order_by("-created_at", "-id").values_list(*ROW, *WHOSE)
        # One statement gives the rows, and all ids when they are few.
        taken = list(rows[: max(self.limit, FOLLOWED) + 1])
        self.found["payments"] = Found("payments", taken[: self.limit], len(taken) > self.limit, payments)
        if taken and len(taken) <= FOLLOWED:
            ids = [row[0] for row in taken]
            self._take("refunds", self.scope.refunds.filter(payment__in=ids))
            self._take("disputes", self.scope.disputes.filter(payment__in=ids))

    def _by_words(self) -> None:
        asked, scope = self.asked, self.scope
        if scope.by_person and asked.email and asked.only("email"):
            self._take("customers", customers.of_email(scope.customers, asked.email))
        elif scope.by_person and asked.text and asked.only("text", "guess"):
            self._take("customers", customers.of_name(scope.customers, asked.text))
        if asked.amount and (asked.only("text", "guess") or asked.only("low", "high")):
            self._take("payouts", payouts.of_amount(scope.payouts, asked.amount))

    def _events(self) -> None:
        """An event itself, or all about the object that an id names."""
        events, asked = self.scope.events, self.asked
        if events is None or not asked.is_id:
            return
        text = asked.id
        named_rows = self.found.get(asked.kind)
        if not text.startswith(("whk_", "pay_")) and named_rows and named_rows.rows and asked.kind != "payments":
            text = named_rows.rows[0]["external_id"]
        about = webhooks.search(events, text, accounts=self.scope.accounts)
        self._take("events", about, order=("-received_at", "-id"))

    def _take(self, kind: str, rows: QuerySet[Any, Any], order: tuple[str, ...] = ("-created_at", "-id")) -> None:
        columns = [*_COLUMNS[kind], *_WHOSE, *(_ABOUT if kind in ("refunds", "disputes") else ())]
        taken = list(rows.order_by(*order).values(*columns)[: self.limit + 1])
        self.found[kind] = Found(kind, taken[: self.limit], len(taken) > self.limit, rows)
