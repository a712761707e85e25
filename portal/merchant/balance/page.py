"""What a merchant has, currency by currency, and how that compares with the processor's own figures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P
from billing.ledger.chart import Code
from billing.payouts.models import ON_ITS_WAY, BalanceTransaction, Payout, ProcessorBalance
from billing.payouts.queries import Freed, becoming_available
from portal.merchant.balance.accounts import RESERVE, sums
from portal.merchant.balance.compared import Compared, compared
from portal.merchant.balance.scope import BalanceScope
from reports.dates import weekday_text
from reports.templatetags.money import amount_text

Text = str | Promise
_MOST_PAYOUTS = 50
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """``amount`` in minor units; ``url`` leads to the statement that ends with it."""

    label: Text
    amount: int
    note: Text
    url: str


@dataclass(frozen=True, slots=True)
class OnItsWay:
    payout: Payout
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One currency. ``days`` say what becomes available when, ``later`` is what is left of pending after them.
    ``to_place`` is what nobody could place, with where its movements are."""

    currency: str
    figures: Sequence[Figure]
    days: Sequence[Freed]
    later: int
    payouts: Sequence[OnItsWay]
    to_place: Figure | None
    compared: Compared


@dataclass(frozen=True)
class BalancePage:
    """Queries run when something is first asked for, each at most once."""

    scope: BalanceScope
    can: Callable[[P], bool]

    @property
    def url(self) -> str:
        return self._at("balance")

    @property
    def all_url(self) -> str:
        return self.scope.page("balance")

    @property
    def panel_url(self) -> str:
        return self._at("balance_panel")

    @property
    def activity_url(self) -> str:
        return self.scope.page("activity") if self.can(P.PAYMENTS_VIEW) else ""

    @property
    def connections_url(self) -> str:
        return self.scope.page("connections") if self.can(P.CONNECTIONS_VIEW) else ""

    @property
    def is_connected(self) -> bool:
        return bool(self.scope.connections)

    @cached_property
    def cards(self) -> list[Card]:
        return [self._card(currency) for currency in self.scope.currencies]

    @cached_property
    def _freed(self) -> Sequence[Freed]:
        movements = BalanceTransaction.objects.for_merchant(self.scope.merchant, self.scope.livemode)
        return becoming_available(movements.filter(account__in=self._accounts), zone=self.scope.zone)

    @cached_property
    def _payouts(self) -> Sequence[Payout]:
        payouts = Payout.objects.for_merchant(self.scope.merchant, self.scope.livemode)
        under_way = payouts.filter(account__in=self._accounts, provider_status__in=ON_ITS_WAY)
        return list(under_way.order_by("arrival_at", "-created_at", "-id")[:_MOST_PAYOUTS])

    @cached_property
    def _told(self) -> Sequence[ProcessorBalance]:
        rows = ProcessorBalance.objects.for_merchant(self.scope.merchant, self.scope.livemode)
        return list(rows.filter(account__in=self._accounts).order_by("account", "currency"))

    @property
    def _accounts(self) -> list[Any]:
        return [account.pk for account in self.scope.shown]

    def _card(self, currency: str) -> Card:
        held = sums(self.scope.balances, currency)
        freed = [each for each in self._freed if each.currency == currency]
        payouts = [each for each in self._payouts if each.currency == currency]
        days = freed if len(freed) <= _SHOWN else freed[: _SHOWN - 1]
        rows = [each for each in self._told if each.currency == currency]
        url = self.connections_url
        return Card(
            currency=currency,
            figures=list(self._figures(currency, held, freed, payouts)),
            days=days,
            later=held.get(Code.PENDING, 0) - sum(each.amount for each in days),
            payouts=[OnItsWay(each, self._movements_of(each)) for each in payouts[:_SHOWN]],
            to_place=self._to_place(currency, held.get(Code.SUSPENSE, 0)),
            compared=compared(rows, currency, self.scope, lambda account: f"{url}{account.public_id}/" if url else ""),
        )

    def _figures(self, currency: str, held: Any, freed: Sequence[Freed], payouts: Sequence[Payout]) -> Iterator[Figure]:
        def figure(label: Text, name: str, note: Text, *codes: Code) -> Figure:
            amount = sum(held.get(code, 0) for code in codes)
            return Figure(label, amount, note, self.scope.statement(currency, name))

        yield figure(_("Available"), Code.AVAILABLE, _("Can be paid out now"), Code.AVAILABLE)
        yield figure(_("Pending"), Code.PENDING, _next_freed(freed), Code.PENDING)
        yield figure(_("In transit"), Code.IN_TRANSIT, _next_arrival(payouts), Code.IN_TRANSIT)
        kept = held.get(Code.RESERVES, 0) + held.get(Code.HELD, 0)
        note = _("Held back by the processor") if kept else _("Nothing is held back")
        yield figure(_("Reserve"), RESERVE, note, Code.RESERVES, Code.HELD)
        if held.get(Code.OTHER_BALANCES):
            note = _("Such as card issuing")
            yield figure(_("Other balances"), Code.OTHER_BALANCES, note, Code.OTHER_BALANCES)

    def _to_place(self, currency: str, amount: int) -> Figure | None:
        # In the books it is a credit where money came in.
        if not amount:
            return None
        return Figure(_("To be placed"), -amount, "", self.scope.statement(currency, Code.SUSPENSE))

    def _movements_of(self, payout: Payout) -> str:
        url = self.activity_url
        return f"{url}?{urlencode({'q': payout.external_id})}" if url else ""

    def _at(self, name: str) -> str:
        asked = self.scope.connection
        return f"{self.scope.page(name)}?{urlencode({'connection': asked})}" if asked else self.scope.page(name)


def _next_freed(freed: Sequence[Freed]) -> str:
    if not freed:
        return gettext("Nothing waits")
    words = gettext("%(amount)s on %(day)s")
    return words % {
        "amount": amount_text(freed[0].amount, freed[0].currency),
        "day": weekday_text(freed[0].day, year=False),
    }


def _next_arrival(payouts: Sequence[Payout]) -> str:
    if not payouts:
        return gettext("Nothing is on its way")
    count = ngettext("%(n)d payout", "%(n)d payouts", len(payouts)) % {"n": len(payouts)}
    arrives = payouts[0].arrival_at
    if arrives is None:
        return count
    return gettext("%(payouts)s · the next arrives %(day)s") % {
        "payouts": count,
        "day": weekday_text(arrives.date(), year=False),
    }
