"""Where the money of one payment went: what was charged beside what the processor booked for it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet

from billing.arrays import array
from billing.compiled import Compiled
from billing.money import Money, between_whole_units
from billing.payments.models import Payment, PaymentAttempt
from billing.payouts.models import BalanceTransaction
from billing.refunds.models import LIVE, Refund
from billing.refunds.released import releases_of
from disputes.chargebacks.models import Dispute


class Part(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    # Refunds that the payment tells the sum of and that have no rows of their own.
    OTHER_REFUNDS = "other_refunds"
    DISPUTE = "dispute"
    FEE = "fee"
    DISPUTE_FEE = "dispute_fee"


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """``charged`` is in minor units of the payment's currency, ``settled`` of ``currency``; None for what is not known
    or does not apply. ``rate`` converts whole units of the one into the other."""

    part: Part
    object_id: str
    charged: int | None
    settled: int | None
    currency: str
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """``nets`` are (currency, minor units), the sums of what was booked: never of two currencies in one. ``unknown``
    counts movements that objects name and that are not here yet. ``available_on`` is when the payment's own share can
    be paid out, ``pending`` whether that lies ahead."""

    lines: Sequence[MoneyLine]
    charged: int
    nets: Sequence[tuple[str, int]]
    unknown: int
    available_on: datetime | None
    pending: bool

    @property
    def converted(self) -> bool:
        return any(line.rate is not None for line in self.lines)

    @property
    def fee_percent(self) -> Decimal | None:
        """In tenths; None where there is no one such number."""
        permille = self.fee_permille
        return Decimal(permille).scaleb(-1) if permille is not None and permille >= 0 else None

    @property
    def fee_permille(self) -> int | None:
        """The fee in thousandths of what was booked for the payment, where both are in one currency."""
        gross = [line for line in self.lines if line.part == Part.PAYMENT and line.settled]
        fees = [line for line in self.lines if line.part == Part.FEE]
        if len(gross) != 1 or len(fees) != 1 or gross[0].currency != fees[0].currency or not gross[0].settled:
            return None
        fee = Money(-(fees[0].settled or 0), fees[0].currency)
        return fee.permille_of(Money(gross[0].settled, gross[0].currency))


# What a movement belongs to: the part, and the processor's id of the object.
_Owner = tuple[Part, str]


def movements_of(
    payment: Payment, attempts: Iterable[PaymentAttempt], refunds: Iterable[Refund], disputes: Iterable[Dispute]
) -> list[BalanceTransaction]:
    """All movements of the balance because of a payment that are known here, oldest first. One query."""
    owners, named = _owners(payment, attempts, refunds, disputes), _named(attempts, refunds, disputes)
    return _MOVEMENTS(payment.account_id, array(owners), array(named))


def _movements(account: UUID, owners: str, named: str) -> QuerySet[BalanceTransaction]:
    found = BalanceTransaction.objects.filter(account=account)
    return found.filter(Q(source_id__among=owners) | Q(external_id__among=named)).order_by("created_at", "id")


_MOVEMENTS = Compiled(_movements)


def break_down(
    payment: Payment,
    attempts: Sequence[PaymentAttempt],
    refunds: Sequence[Refund],
    disputes: Sequence[Dispute],
    movements: Sequence[BalanceTransaction],
) -> Breakdown:
    """The lines add up: those that were booked to ``nets``, by currency, and those charged to ``charged``. What was
    authorised and let go again is the payment's own: nobody was charged for it."""
    released = releases_of(attempts, refunds)
    given = [each for each in refunds if each.external_id not in released]
    owners, named = _owners(payment, attempts, given, disputes), _named(attempts, given, disputes)
    named |= {
        each.balance_transaction_id: (Part.PAYMENT, "")
        for each in refunds
        if each.external_id in released and each.balance_transaction_id
    }
    booked: dict[_Owner, dict[str, list[BalanceTransaction]]] = defaultdict(lambda: defaultdict(list))
    fees: dict[tuple[Part, str], int] = defaultdict(int)
    nets: dict[str, int] = defaultdict(int)
    own = []
    for movement in movements:
        owner = owners.get(movement.source_id) or named.get(movement.external_id) or (Part.PAYMENT, "")
        booked[owner][movement.currency].append(movement)
        fees[Part.DISPUTE_FEE if owner[0] == Part.DISPUTE else Part.FEE, movement.currency] += movement.fee
        nets[movement.currency] += movement.net
        if owner[0] == Part.PAYMENT:
            own.append(movement)
    lines: list[MoneyLine] = []
    for owner, charged in _charged(payment, given, disputes):
        lines += _lines(owner, charged, booked.pop(owner, {}), payment.currency)
    # What was booked for an object that took nothing in the end: a refund that failed, a dispute that was won.
    for owner, by_currency in booked.items():
        lines += _lines(owner, None, by_currency, payment.currency)
    # Fees of the payment and its refunds first, then those of disputes.
    for (part, currency), fee in sorted(fees.items(), key=lambda each: (each[0][0] == Part.DISPUTE_FEE, each[0][1])):
        lines += [MoneyLine(part, "", None, -fee, currency)] if fee else []
    return Breakdown(
        lines=lines,
        charged=payment.amount_captured - payment.amount_refunded - payment.amount_lost,
        nets=sorted(nets.items()),
        unknown=len(named.keys() - {movement.external_id for movement in movements}),
        available_on=max((movement.available_on for movement in own if movement.available_on), default=None),
        pending=any(movement.status == "pending" for movement in own),
    )


def _charged(payment: Payment, refunds: Sequence[Refund], disputes: Sequence[Dispute]) -> Iterable[tuple[_Owner, int]]:
    """What each object moved in the payment's currency, the payment first and the rest as it came."""
    yield (Part.PAYMENT, ""), payment.amount_captured
    moved = [
        *((each.created_at, Part.REFUND, each.external_id, -each.amount) for each in refunds if _is_live(each)),
        *((each.created_at, Part.DISPUTE, each.external_id, -each.amount_withdrawn) for each in disputes),
    ]
    for _at, part, object_id, amount in sorted(moved):
        if amount:
            yield (part, object_id), amount
    rest = payment.amount_refunded - sum(each.amount for each in refunds if _is_live(each))
    if rest:
        yield (Part.OTHER_REFUNDS, ""), -rest
    lost = payment.amount_lost - sum(each.amount_withdrawn for each in disputes)
    if lost:
        yield (Part.DISPUTE, ""), -lost


def _is_live(refund: Refund) -> bool:
    return refund.provider_status in LIVE


def _lines(
    owner: _Owner, charged: int | None, by_currency: dict[str, list[BalanceTransaction]], currency: str
) -> list[MoneyLine]:
    """One line, or one for each currency in which it was booked."""
    if not by_currency:
        return [MoneyLine(*owner, charged=charged, settled=None, currency="")]
    found = []
    for number, (booked, movements) in enumerate(sorted(by_currency.items())):
        # The fee has a line of its own; together they are the net, whatever the processor calls the amount.
        settled = sum(movement.net + movement.fee for movement in movements)
        share = charged if not number else None
        found.append(MoneyLine(*owner, share, settled, booked, _rate(share, currency, settled, booked, movements)))
    return found


def _rate(
    charged: int | None, currency: str, settled: int, booked: str, movements: Sequence[BalanceTransaction]
) -> Decimal | None:
    """The processor's rate between whole units, where there was one and it explains the amounts: processors count it
    between whole units or between minor ones, which differ where the currencies have unlike decimals."""
    rates = {movement.exchange_rate for movement in movements}
    rate = rates.pop() if len(rates) == 1 else None
    if booked == currency or not rate or not charged:
        return None
    paid, got = Money(abs(charged), currency).major, Money(abs(settled), booked).major
    smallest = Money(1, booked).major
    candidates = (rate, between_whole_units(rate, currency, booked))
    return next((each for each in candidates if abs(paid * each - got) <= smallest), None)


def _owners(
    payment: Payment, attempts: Iterable[PaymentAttempt], refunds: Iterable[Refund], disputes: Iterable[Dispute]
) -> dict[str, _Owner]:
    """By the processor's id of the object that a movement may name as its source."""
    found: dict[str, _Owner] = {each.external_id: (Part.PAYMENT, "") for each in attempts}
    found |= {each.external_id: (Part.REFUND, each.external_id) for each in refunds}
    found |= {each.external_id: (Part.DISPUTE, each.external_id) for each in disputes}
    return found


def _named(
    attempts: Iterable[PaymentAttempt], refunds: Iterable[Refund], disputes: Iterable[Dispute]
) -> dict[str, _Owner]:
    """By the ids of the movements that objects name."""
    found: dict[str, _Owner] = {each.balance_transaction_id: (Part.PAYMENT, "") for each in attempts}
    for refund in refunds:
        for movement_id in (refund.balance_transaction_id, refund.failure_balance_transaction_id):
            found[movement_id] = (Part.REFUND, refund.external_id)
    for dispute in disputes:
        found |= dict.fromkeys(dispute.balance_transaction_ids, (Part.DISPUTE, dispute.external_id))
    found.pop("", None)
    return found
