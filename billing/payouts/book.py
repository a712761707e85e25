"""Post movements of the balance, and payouts that arrived, to the books."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from billing.ledger.chart import Code
from billing.ledger.models import EntryKind
from billing.ledger.post import Fact, Line, settle
from billing.payouts.models import BalanceTransaction, Payout, PayoutStatus
from billing.providers.events import Booking
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter

_AVAILABLE = "available"
_PENDING = "pending"
_RESERVES = "risk_reserved"
# Where a movement comes from, or goes to.
_COUNTERPARTS: Mapping[str, Code] = {
    Booking.PAYMENT: Code.PAYMENTS,
    Booking.REFUND: Code.REFUNDS,
    Booking.DISPUTE: Code.DISPUTES,
    Booking.FEE: Code.FEES,
    Booking.EARNING: Code.EARNINGS,
    Booking.PAYOUT: Code.IN_TRANSIT,
    Booking.HOLD: Code.HELD,
    Booking.TRANSFER: Code.TRANSFERS,
    Booking.ISSUING: Code.ISSUING,
    Booking.ADJUSTMENT: Code.ADJUSTMENTS,
    Booking.UNKNOWN: Code.SUSPENSE,
}
_ROWS = 500


def facts_of(movement: BalanceTransaction) -> tuple[Fact, Fact]:
    """That it was booked, and that it became available; the second has no lines while that is not so, or where it never
    waited."""
    net, currency = movement.net, movement.currency
    arrives = _place_of(movement)
    booked = [
        (arrives, currency, net),
        (Code.DISPUTE_FEES if movement.booking == Booking.DISPUTE else Code.FEES, currency, movement.fee),
        (_COUNTERPARTS[movement.booking], currency, -movement.amount),
        # Old forms exist whose figures do not add up.
        (Code.SUSPENSE, currency, movement.amount - movement.fee - net),
    ]
    freed: list[Line] = []
    if arrives is Code.PENDING and movement.status == _AVAILABLE:
        freed = [(Code.PENDING, currency, -net), (Code.AVAILABLE, currency, net)]
    return (
        _fact(movement, EntryKind.BOOKED, booked),
        _fact(movement, EntryKind.AVAILABLE, freed),
    )


def fact_of(payout: Payout) -> Fact:
    """That the bank has it, or (without lines) that it has not, or no more."""
    lines: list[Line] = []
    moment = payout.provider_updated_at or payout.created_at
    if payout.provider_status == PayoutStatus.PAID:
        lines = [(Code.BANK, payout.currency, payout.amount), (Code.IN_TRANSIT, payout.currency, -payout.amount)]
        moment = max(payout.arrival_at or moment, payout.created_at)
    return Fact(payout.account_id, payout.balance_transaction_id, EntryKind.ARRIVED, moment, lines)


def book_movements(movements: Iterable[BalanceTransaction]) -> None:
    """Bring the books to what these rows say. Within the transaction that holds them."""
    settle(fact for movement in movements for fact in facts_of(movement))


def book_payouts(payouts: Iterable[Payout]) -> None:
    """As ``book_movements``. A payout whose movement is not known yet is booked when it is."""
    settle(fact_of(payout) for payout in payouts if payout.balance_transaction_id)


def book_missing() -> int:
    """Movements that came here before there were books: answers how many were booked."""
    booked = 0
    while movements := _book_some():
        booked += movements
    return booked


def place_unknown() -> int:
    """Movements that an adapter had no word for and has one now are to be booked anew: answers how many."""
    unknown = BalanceTransaction.objects.filter(booking=Booking.UNKNOWN)
    words = unknown.values_list("account__provider", "type", "reporting_category").distinct()
    placed = 0
    for provider, kind, category in words:
        if adapter(provider).booking_of(kind, category) != Booking.UNKNOWN:
            found = unknown.filter(account__provider=provider, type=kind, reporting_category=category)
            placed += found.update(booking="")
    return placed


@transaction.atomic
def _book_some() -> int:
    found = BalanceTransaction.objects.filter(booking="").order_by("pk")
    movements = list(found.select_for_update(of=("self",), no_key=True, skip_locked=True)[:_ROWS])
    providers = dict(ProviderAccount.objects.values_list("pk", "provider"))
    for movement in movements:
        known = adapter(providers[movement.account_id])
        movement.booking = known.booking_of(movement.type, movement.reporting_category)
    BalanceTransaction.objects.bulk_update(movements, ["booking"])
    book_movements(movements)
    book_payouts(_payouts_of(movements))
    return len(movements)


def _payouts_of(movements: Sequence[BalanceTransaction]) -> list[Payout]:
    left = {(movement.account_id, movement.external_id) for movement in movements if movement.booking == Booking.PAYOUT}
    named = Payout.objects.filter(
        account__in={account for account, _ in left}, balance_transaction_id__in={movement for _, movement in left}
    )
    locked = named.order_by("pk").select_for_update(of=("self",), no_key=True)
    return [payout for payout in locked if (payout.account_id, payout.balance_transaction_id) in left]


def _place_of(movement: BalanceTransaction) -> Code:
    if not movement.is_of_payments:
        return Code.RESERVES if movement.balance_type == _RESERVES else Code.OTHER_BALANCES
    if movement.status == _PENDING:
        return Code.PENDING
    # A payout takes from what is available, though it bears the day on which it arrives.
    waited = movement.available_on is not None and movement.available_on > movement.created_at
    return Code.PENDING if waited and movement.booking != Booking.PAYOUT else Code.AVAILABLE


def _fact(movement: BalanceTransaction, kind: EntryKind, lines: Sequence[Line]) -> Fact:
    moment = movement.created_at
    if kind == EntryKind.AVAILABLE:
        moment = max(movement.available_on or moment, moment)
    return Fact(movement.account_id, movement.external_id, kind, moment, [line for line in lines if line[2]])
