"""The payments of a batch before it is asked for: which can be given back, and why the others are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext

from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.providers.base import AmountRefused
from billing.refunds.issue_batch import MOST, Share, shares_of
from billing.refunds.queries import Barrier
from portal.web.approvals.subjects import customer_of, method_of, payment_called
from portal.web.kept_words import in_words
from portal.web.payments.refunding import barrier_text
from reports.templatetags.money import current_locale


@dataclass(frozen=True, slots=True)
class Line:
    """A payment as a row. ``barred`` says why it is left out, and is empty for one that goes along."""

    payment: Payment
    called: str
    customer: str
    method: str
    left: int
    barred: str = ""

    @property
    def item(self) -> str:
        """What a form sends of it: which payment, and what was left of it."""
        return f"{self.payment.public_id}:{self.left}"


@dataclass(frozen=True)
class Chosen:
    """``shares`` are all that somebody chose; those in ``currency`` of which something is left go along."""

    shares: Sequence[Share]
    currency: str
    by_person: bool

    @cached_property
    def lines(self) -> list[Line]:
        here = [share for share in self._possible if share.payment.currency == self.currency]
        return [self._line(share) for share in here]

    @cached_property
    def left_out(self) -> list[Line]:
        barred = [(share, share.barrier) for share in self.shares if share.barrier is not None]
        return [self._line(share, _why(barrier, share.payment)) for share, barrier in barred]

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def total(self) -> int:
        """In minor units."""
        return sum(line.left for line in self.lines)

    @property
    def currencies(self) -> list[tuple[str, int]]:
        """In which something can be given back, with how many payments; most first."""
        counts: dict[str, int] = {}
        for share in self._possible:
            counts[share.payment.currency] = counts.get(share.payment.currency, 0) + 1
        return sorted(counts.items(), key=lambda each: (-each[1], each[0]))

    @property
    def is_too_large(self) -> bool:
        return len(self.shares) > MOST

    @property
    def most(self) -> int:
        return MOST

    @property
    def seen(self) -> Mapping[str, int]:
        return {line.payment.public_id: line.left for line in self.lines}

    @property
    def _possible(self) -> list[Share]:
        return [share for share in self.shares if share.barrier is None]

    def _line(self, share: Share, barred: str = "") -> Line:
        payment = share.payment
        return Line(
            payment,
            payment_called(payment, by_person=self.by_person),
            customer_of(payment, by_person=self.by_person),
            method_of(payment),
            share.left,
            barred,
        )


def _why(barrier: Barrier | AmountRefused, payment: Payment) -> str:
    return in_words(str(barrier)) if isinstance(barrier, AmountRefused) else barrier_text(barrier, payment)


def choose(
    merchant: Merchant,
    livemode: bool,
    payments: Sequence[str],
    *,
    barred_of: Sequence[str] = (),
    currency: str = "",
    by_person: bool,
) -> Chosen:
    """Of the currency that is asked for, or else the one of most of them; of ``barred_of`` only what is left out."""
    asked = set(payments)
    shares = shares_of(merchant, livemode, [*asked, *barred_of], locale=current_locale())
    kept = [share for share in shares if share.payment.public_id in asked or share.barrier is not None]
    chosen = Chosen(kept, currency, by_person)
    known = [code for code, _count in chosen.currencies] or sorted({share.payment.currency for share in chosen.shares})
    if currency in known:
        return chosen
    return replace(chosen, currency=known[0] if known else merchant.default_currency)


def seen_items(data: QueryDict) -> dict[str, int]:
    """What a form says was left of each payment, by public id; what cannot be read is left out, and so not asked
    for."""
    seen = {}
    for item in data.getlist("item"):
        public_id, _colon, left = item.partition(":")
        if public_id and "\x00" not in public_id and left.isascii() and left.isdecimal() and len(left) <= 18:
            seen[public_id] = int(left)
    return seen


def changes(seen: Mapping[str, int], chosen: Chosen) -> list[tuple[str, int, int, str]]:
    """Name, what was seen and what is left now in minor units, and the currency, of each payment that is not as it was
    seen."""
    now = {line.payment.public_id: line for line in (*chosen.lines, *chosen.left_out)}
    rows = []
    for public_id, left in seen.items():
        line = now.get(public_id)
        if line is None:
            rows.append((gettext("A payment that is not here"), left, 0, chosen.currency))
        elif line.barred or line.left != left:
            rows.append((line.called, left, 0 if line.barred else line.left, chosen.currency))
    return rows
