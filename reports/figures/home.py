"""What a merchant's home page says: today, the last days, the balance, and what needs somebody."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum

from billing.figures import read
from billing.figures.read import Funds, Sums
from billing.merchants.models import Merchant
from billing.payments.models import Payment, PaymentStatus
from billing.payouts.models import Payout, PayoutStatus
from disputes.chargebacks.models import OWED, Dispute

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
_ON_ITS_WAY = (PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT)
SHOWN_PAYOUTS = 4


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
class Balance:
    """``payouts`` are on their way or have failed, newest first, and no more than SHOWN_PAYOUTS."""

    funds: list[Funds]
    payouts: list[Payout]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait for somebody: how many, the time that matters most, and their amounts by currency."""

    count: int
    at: datetime | None
    amounts: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Attention:
    """Disputes with the soonest deadline, held payments with the oldest one's age, and payouts that failed and that no
    later one made up for, newest first."""

    disputes: Waiting
    held: Waiting
    payouts: list[Payout]


def today(merchant: Merchant, livemode: bool, currency: str, now: datetime) -> Today:
    local = now.astimezone(merchant.zone)
    day, before_day = local.date(), local.date() - _WEEK
    sums = read.days(merchant, livemode, currency, day, day).get(day, Sums())
    moment = end_of_minute(before_day, local, merchant)
    return Today(day, sums, before_day, read.until(merchant, livemode, currency, before_day, moment))


def end_of_minute(day: date, local: datetime, merchant: Merchant) -> datetime:
    """The end of the minute that a clock shows there on that day; of the later one where it comes twice."""
    shown = local.time().replace(second=0, microsecond=0)
    moments = (datetime.combine(day, shown.replace(fold=fold), merchant.zone) for fold in (0, 1))
    return datetime.fromtimestamp(max(moment.timestamp() for moment in moments), merchant.zone) + _MINUTE


def volume(merchant: Merchant, livemode: bool, currency: str, last: date, count: int) -> Volume:
    """Of ``count`` days up to ``last``."""
    wanted = [last - shift * _DAY for shift in reversed(range(2 * count))]
    kept = read.days(merchant, livemode, currency, wanted[0], last)
    all_days = [(day, kept.get(day, Sums())) for day in wanted]
    return Volume(days=all_days[count:], before=all_days[:count])


def currencies(merchant: Merchant, livemode: bool) -> list[str]:
    """The merchant's own first, then all others in which there ever were payments."""
    own = merchant.default_currency
    return [own, *(currency for currency in read.currencies(merchant, livemode) if currency != own)]


def balance(merchant: Merchant, livemode: bool, now: datetime) -> Balance:
    payouts = Payout.objects.for_merchant(merchant, livemode)
    shown = payouts.filter(Q(provider_status__in=_ON_ITS_WAY) | _failed(payouts)).order_by("-created_at", "-id")
    return Balance(read.funds(merchant, livemode, now), list(shown[:SHOWN_PAYOUTS]))


def attention(merchant: Merchant, livemode: bool) -> Attention:
    owed = Dispute.objects.for_merchant(merchant, livemode).filter(provider_status__in=OWED)
    held = Payment.objects.for_merchant(merchant, livemode).filter(status=PaymentStatus.HELD)
    payouts = Payout.objects.for_merchant(merchant, livemode)
    return Attention(
        disputes=_waiting(owed, "due_by"),
        held=_waiting(held, "created_at"),
        payouts=list(payouts.filter(_failed(payouts)).order_by("-created_at", "-id")),
    )


def _failed(payouts: "QuerySet[Payout]") -> Q:
    """A payout that failed waits until a newer one of its currency is on its way or has arrived."""
    later = payouts.filter(
        currency=OuterRef("currency"),
        created_at__gt=OuterRef("created_at"),
        provider_status__in=[*_ON_ITS_WAY, PayoutStatus.PAID],
    )
    return Q(provider_status=PayoutStatus.FAILED) & ~Q(Exists(later))


def _waiting(rows: "QuerySet[Dispute] | QuerySet[Payment]", moment: str) -> Waiting:
    count, first, amounts = 0, None, Counter[str]()
    by_currency = rows.values_list("currency").order_by("currency")
    for currency, number, at, amount in by_currency.annotate(Count("pk"), Min(moment), Sum("amount")):
        count += number
        first = min(filter(None, (first, at)), default=None)
        amounts[currency] += amount
    return Waiting(count, first, sorted(amounts.items()))


def _total(of_days: list[tuple[date, Sums]]) -> Sums:
    total = Sums()
    for _, sums in of_days:
        total = total.plus(sums)
    return total
