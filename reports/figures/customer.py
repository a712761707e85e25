"""What came of one customer so far, currency by currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Expression, F, Value, When

from billing.mirror.models import MirroredQuerySet
from billing.payments.models import FAILED, PaymentQuerySet
from billing.totals import Line, totals_of
from disputes.chargebacks.models import Dispute

# What a payment adds to the sums of its currency.
_SUMS: dict[str, Expression | F] = {
    "succeeded": Case(When(amount_captured__gt=0, then=Value(1)), default=Value(0)),
    "failed": Case(When(status__in=FAILED, then=Value(1)), default=Value(0)),
    "captured": F("amount_captured"),
    "refunded": F("amount_refunded"),
    "lost": F("amount_lost"),
}


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Of one currency; amounts in its minor units. ``succeeded`` payments captured something, ``failed`` ones ended
    without; ``lost`` is what disputes took and have not given back, ``disputed`` what they were about."""

    currency: str
    payments: int
    succeeded: int
    failed: int
    captured: int
    refunded: int
    lost: int
    disputes: int
    disputed: int
    first_at: datetime | None
    last_at: datetime | None

    @property
    def net(self) -> int:
        """Before fees."""
        return self.captured - self.refunded - self.lost


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """By currency. ``is_whole`` is False where only the newest payments, or disputes, were added up."""

    lines: Sequence[Lifetime]
    is_whole: bool


def lifetimes(payments: PaymentQuerySet, disputes: MirroredQuerySet[Dispute]) -> Lifetimes:
    """``payments`` are all of a customer, ``disputes`` all of these. As the lists of both add up; two queries."""
    paid, disputed = totals_of(payments, _SUMS), totals_of(disputes, {"disputed": F("amount")})
    nothing = Line("", 0, (0,) * len(_SUMS))
    of_payments, of_disputes = ({line.currency: line for line in each.lines} for each in (paid, disputed))
    lines = [
        _lifetime(currency, of_payments.get(currency, nothing), of_disputes.get(currency, Line("", 0, (0,))))
        for currency in sorted({*of_payments, *of_disputes})
    ]
    return Lifetimes(lines, paid.is_whole and disputed.is_whole)


def _lifetime(currency: str, paid: Line, disputed: Line) -> Lifetime:
    succeeded, failed, captured, refunded, lost = paid.sums
    return Lifetime(
        currency=currency,
        payments=paid.rows,
        succeeded=succeeded,
        failed=failed,
        captured=captured,
        refunded=refunded,
        lost=lost,
        disputes=disputed.rows,
        disputed=disputed.sums[0],
        first_at=paid.first_at,
        last_at=paid.last_at,
    )
