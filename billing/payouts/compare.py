"""Compare what the processor holds with the books, and name what makes a difference where that can be proved."""

from collections.abc import Iterator

from django.db.models import Count, Q, Sum

from billing.ledger.balances import balances, count_postings
from billing.ledger.chart import Code
from billing.payouts.models import OF_PAYMENTS, BalanceTransaction, Cause, ProcessorBalance
from billing.providers.base import Funds, Holdings
from billing.providers.models import ProviderAccount

_PENDING = Q(status="pending")
_COMPARED = (Code.AVAILABLE, Code.PENDING)
Difference = tuple[int, int]
"""What the processor has more than the books, available and pending."""


def compare_balance(*, account: ProviderAccount, told: Holdings) -> bool:
    """Write down how the processor's answer compares with the books of this moment: all movements that it knew of have
    to be in them. False where something was made or became available here since it answered, which it may not know:
    then nothing is written. Within the caller's transaction."""
    opened = [balance for balance in balances([account.pk]) if balance.code in _COMPARED]
    held: dict[str, dict[Code, int]] = {}
    for balance in opened:
        held.setdefault(balance.currency, {})[balance.code] = balance.amount
    # What is posted between these two is seen by the second.
    if count_postings([balance.place for balance in opened], since=told.observed_at, most=1):
        return False
    theirs = {each.currency: each for each in told.funds}
    before = {each.currency: each for each in ProcessorBalance.objects.filter(account=account)}
    for currency in sorted({*held, *theirs, *before}):
        row = before.get(currency) or ProcessorBalance(
            account=account, merchant_id=account.merchant_id, livemode=account.livemode, currency=currency
        )
        funds, books = theirs.get(currency, Funds(currency, 0, 0)), held.get(currency, {})
        row.available, row.pending, row.reserved = funds.available, funds.pending, funds.reserved
        row.our_available, row.our_pending = books.get(Code.AVAILABLE, 0), books.get(Code.PENDING, 0)
        row.compared_at = told.observed_at
        row.cause, row.cause_count = _cause(row)
        row.differs_since = (row.differs_since or told.observed_at) if row.cause else None
        row.save()
    return True


def _cause(row: ProcessorBalance) -> tuple[str, int]:
    difference = (row.available_difference, row.pending_difference)
    if difference == (0, 0):
        return "", 0
    for cause, count, makes in _known(row):
        if makes == difference:
            return cause, count
    return Cause.UNKNOWN, 0


def _known(row: ProcessorBalance) -> Iterator[tuple[Cause, int, Difference]]:
    """What could make a difference, of how many movements, and which one it makes."""
    movements = BalanceTransaction.objects.filter(OF_PAYMENTS, account=row.account, currency=row.currency)
    unbooked = movements.filter(booking="").aggregate(
        count=Count("pk"),
        available=Sum("net", filter=~_PENDING, default=0),
        pending=Sum("net", filter=_PENDING, default=0),
    )
    yield Cause.NOT_BOOKED, unbooked["count"], (unbooked["available"], unbooked["pending"])
    due = movements.exclude(booking="").filter(_PENDING, available_on__lte=row.compared_at)
    freed = due.aggregate(count=Count("pk"), net=Sum("net", default=0))
    yield Cause.DUE, freed["count"], (freed["net"], -freed["net"])
    if row.reserved:
        yield Cause.RESERVED, 0, (-row.reserved, 0)
