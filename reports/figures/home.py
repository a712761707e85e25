"""What a merchant's home page says: today, the last days, the balance, and what needs somebody."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum

from billing.compiled import Compiled
from billing.figures import read
from billing.figures.read import Sums
from billing.merchants.models import Merchant
from billing.payments.models import Payment, PaymentStatus
from billing.payouts.models import ON_ITS_WAY, BalanceTransaction, Payout, ProcessorBalance
from billing.payouts.queries import not_made_up_for
from billing.providers.events import Booking
from disputes.chargebacks.models import OWED, Dispute

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
# More than anybody looks at; what is left then shows once these are through.
_MOST_PAYOUTS = 50


@dataclass(frozen=True, slots=True)
class Today:
    """``sums`` of the merchant's day so far, and ``before`` of the same weekday last week up to the same minute of its
    clock, that minute included."""

    day: date
    sums: Sums
    before_day: date
    before: Sums


@dataclass(frozen=True, slots=True)
class Volume:
    """Sums by day, oldest first, of a number of days that ends today, and of as many days before them."""

    days: list[tuple[date, Sums]]
    before: list[tuple[date, Sums]]

    @property
    def total(self) -> Sums:
        return _total(self.days)

    @property
    def total_before(self) -> Sums:
        return _total(self.before)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait for somebody: how many, the time that matters most, and their amounts by currency."""

    count: int
    at: datetime | None
    amounts: list[tuple[str, int]]


def today(merchant: Merchant, livemode: bool, currency: str, now: datetime, so_far: Sums) -> Today:
    """``so_far`` are the sums of this day."""
    local = now.astimezone(merchant.zone)
    day, before_day = local.date(), local.date() - _WEEK
    moment = end_of_minute(before_day, local, merchant)
    return Today(day, so_far, before_day, read.until(merchant, livemode, currency, before_day, moment))


def end_of_minute(day: date, local: datetime, merchant: Merchant) -> datetime:
    """The end of the minute that a clock shows there on that day, in UTC; of the later one where it comes twice."""
    shown = local.time().replace(second=0, microsecond=0)
    moments = (datetime.combine(day, shown.replace(fold=fold), merchant.zone).astimezone(UTC) for fold in (0, 1))
    # In UTC: what is added to a moment of a zone is added to its clock, which forgets that it shows this hour again.
    return max(moments) + _MINUTE


def volume(merchant: Merchant, livemode: bool, currency: str, last: date, count: int) -> Volume:
    """Of ``count`` days up to ``last``."""
    wanted = [last - shift * _DAY for shift in reversed(range(2 * count))]
    kept = read.days(merchant, livemode, currency, wanted[0], last)
    all_days = [(day, kept.get(day, Sums())) for day in wanted]
    return Volume(days=all_days[count:], before=all_days[:count])


def disputes_owed(merchant: Merchant, livemode: bool) -> Waiting:
    """Disputes that the merchant has to answer, with the soonest deadline."""
    return _told(_OWED(merchant.pk, livemode=livemode))


def payments_held(merchant: Merchant, livemode: bool) -> Waiting:
    """Payments that are held for review, with the time of the oldest."""
    return _told(_HELD(merchant.pk, livemode=livemode))


def open_payouts(merchant: Merchant, livemode: bool) -> list[Payout]:
    """On their way, or failed without a later one that made up for it; newest first."""
    return _OPEN_PAYOUTS(merchant.pk, livemode=livemode)


def to_place(merchant: Merchant, livemode: bool) -> Waiting:
    """Movements of a kind that nobody knows, with the time of the oldest."""
    return _told(_TO_PLACE(merchant.pk, livemode=livemode))


def differing_balances(merchant: Merchant, livemode: bool) -> list[ProcessorBalance]:
    """Of connections whose balance is not what their processor says."""
    return _DIFFERING(merchant.pk, livemode=livemode)


def _open_payouts(merchant: int, *, livemode: bool) -> QuerySet[Payout]:
    payouts = Payout.objects.for_merchant(merchant, livemode)
    found = payouts.filter(Q(provider_status__in=ON_ITS_WAY) | not_made_up_for())
    return found.order_by("-created_at", "-id")[:_MOST_PAYOUTS]


def _owed(merchant: int, *, livemode: bool) -> QuerySet[Any, Any]:
    owed = Dispute.objects.for_merchant(merchant, livemode).filter(provider_status__in=OWED)
    return _by_currency(owed, "due_by")


def _held(merchant: int, *, livemode: bool) -> QuerySet[Any, Any]:
    held = Payment.objects.for_merchant(merchant, livemode).filter(status=PaymentStatus.HELD)
    return _by_currency(held, "created_at")


def _to_place(merchant: int, *, livemode: bool) -> QuerySet[Any, Any]:
    movements = BalanceTransaction.objects.for_merchant(merchant, livemode)
    return _by_currency(movements.filter(booking=Booking.UNKNOWN), "created_at")


def _differing(merchant: int, *, livemode: bool) -> QuerySet[ProcessorBalance]:
    return ProcessorBalance.objects.for_merchant(merchant, livemode).differing().order_by("currency", "pk")


def _by_currency(rows: QuerySet[Any], moment: str) -> QuerySet[Any, Any]:
    by_currency = rows.values_list("currency").order_by("currency")
    found: QuerySet[Any, Any] = by_currency.annotate(Count("pk"), Min(moment), Sum("amount"))
    return found


_OPEN_PAYOUTS, _OWED, _HELD = Compiled(_open_payouts), Compiled(_owed), Compiled(_held)
_TO_PLACE, _DIFFERING = Compiled(_to_place), Compiled(_differing)


def _told(by_currency: Iterable[tuple[str, int, datetime | None, int]]) -> Waiting:
    count, first, amounts = 0, None, Counter[str]()
    for currency, number, at, amount in by_currency:
        count += number
        first = min(filter(None, (first, at)), default=None)
        amounts[currency] += amount
    return Waiting(count, first, sorted(amounts.items()))


def _total(of_days: list[tuple[date, Sums]]) -> Sums:
    total = Sums()
    for _, sums in of_days:
        total = total.plus(sums)
    return total
