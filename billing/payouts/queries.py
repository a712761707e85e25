"""Reading payouts and movements of the balance: rows of a list, what people search by, and the objects that they come
from."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from billing.mirror import registry
from billing.mirror.models import MirroredQuerySet
from billing.mirror.queries import FEW, Accounts, named
from billing.money import Money
from billing.payments.models import PaymentAttempt, PaymentQuerySet
from billing.payments.queries import search as search_payments
from billing.payouts.models import OF_PAYMENTS, ON_ITS_WAY, BalanceTransaction, Payout, PayoutStatus
from billing.providers.base import Kind
from billing.providers.events import Booking

# Columns of a row of the list.
ROW = (
    *("id", "public_id", "type", "reporting_category", "status", "amount", "fee", "net", "currency", "source_id"),
    *("description", "available_on", "created_at", "account_id"),
)
Movements = MirroredQuerySet[BalanceTransaction]
Ref = tuple[UUID, str]
"""A connection's id and the processor's id of an object."""

# What people tell apart; the rest is "other".
_KINDS: Mapping[str, Q] = {
    "payments": Q(booking=Booking.PAYMENT),
    "refunds": Q(booking=Booking.REFUND),
    "disputes": Q(booking=Booking.DISPUTE),
    "fees": Q(booking__in=[Booking.FEE, Booking.EARNING]),
    "transfers": Q(booking=Booking.TRANSFER),
    "payouts": Q(booking=Booking.PAYOUT),
}
_OF_PAYMENTS = (Kind.REFUND, Kind.DISPUTE)
_PROCESSOR_ID = re.compile(r"[a-z]{2,4}_\w+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """The object that a movement comes from: its public id here, and where it belongs to a payment that payment's id,
    reference and description."""

    public_id: str
    payment: str = ""
    reference: str = ""
    description: str = ""


def of_kinds(movements: Movements, kinds: Iterable[str]) -> Movements:
    """Those of any of these kinds; ``other`` is all that is none of them."""
    named = {**_KINDS, "other": ~reduce(or_, _KINDS.values())}
    return movements.filter(reduce(or_, (named[kind] for kind in kinds)))


def search(
    movements: Movements, payments: PaymentQuerySet, text: str, *, accounts: Collection[UUID], by_person: bool = True
) -> Movements:
    """Movements that ``text`` names: by an id of ours or of the processor, theirs or of what they come from, or by what
    finds a payment among ``payments``."""
    if text.startswith(f"{BalanceTransaction.PREFIX}_"):
        return movements.filter(public_id=text)
    here = movements.filter(account__in=accounts)
    if _PROCESSOR_ID.fullmatch(text):
        for way in (Q(external_id=text), Q(source_id=text)):
            if here.filter(way).exists():
                return here.filter(way)
    for rows in (*(registry.of(kind).rows for kind in _OF_PAYMENTS), Payout.objects.all()):
        if text.startswith(f"{rows.model.PREFIX}_"):
            return _from(here, [rows.filter(account__in=accounts, public_id=text)])
    found = search_payments(payments, text, accounts=accounts, by_person=by_person)
    following = [registry.of(kind).rows.filter(payment__in=found) for kind in _OF_PAYMENTS]
    return _from(here, [PaymentAttempt.objects.filter(payment__in=found), *following])


def _from(movements: Movements, origins: Sequence[QuerySet[Any]]) -> Movements:
    # Few are looked up by themselves: see billing.payments.queries.
    ways = [rows.values_list("external_id", flat=True) for rows in origins]
    found = {external_id for way in ways for external_id in way[: FEW + 1]}
    if len(found) <= FEW:
        return movements.filter(~Q(source_id=""), source_id__in=found)
    wanted = Q(pk__in=[])
    for way in ways:
        wanted |= Q(source_id__in=way)
    return movements.filter(wanted)


def origins_of(refs: Collection[Ref]) -> dict[Ref, Origin]:
    """What these objects are here, those that are known; four queries."""
    accounts, ids = {account for account, _ in refs}, {external_id for _, external_id in refs if external_id}
    here = {"account__in": accounts, "external_id__in": ids}
    of_payment = ("payment__public_id", "payment__reference", "payment__description")
    attempts = PaymentAttempt.objects.filter(**here).values_list("account_id", "external_id", *of_payment)
    found = {(account, external_id): Origin(told[0], *told) for account, external_id, *told in attempts}
    for kind in _OF_PAYMENTS:
        rows = registry.of(kind).rows.filter(**here)
        following = rows.values_list("account_id", "external_id", "public_id", *of_payment)
        found |= {(account, external_id): Origin(*told) for account, external_id, *told in following}
    payouts = Payout.objects.filter(**here).values_list("account_id", "external_id", "public_id")
    return found | {(account, external_id): Origin(public_id) for account, external_id, public_id in payouts}


def not_made_up_for() -> Q:
    """Payouts that failed, until a newer one of the same account and currency is on its way or has arrived."""
    later = Payout.objects.filter(
        account=OuterRef("account"),
        currency=OuterRef("currency"),
        created_at__gt=OuterRef("created_at"),
        provider_status__in=[*ON_ITS_WAY, PayoutStatus.PAID],
    )
    return Q(provider_status=PayoutStatus.FAILED) & ~Q(Exists(later))


def of_amount(payouts: MirroredQuerySet[Payout], amount: Money) -> MirroredQuerySet[Payout]:
    """Payouts of exactly that amount, as it stands on a bank statement."""
    return payouts.filter(currency=amount.currency, amount=amount.minor)


def source_of(movements: Movements, text: str, *, accounts: Accounts) -> str:
    """The processor's id of the object behind the movement with that id; empty when there is none."""
    found = named(movements, text, accounts=accounts).values_list("source_id", flat=True)[:1]
    return next(iter(found), "")


def told_by(refs: Collection[Ref]) -> dict[Ref, tuple[Any, ...]]:
    """The movements of these ids, those that are here: a ROW each."""
    accounts, ids = {account for account, _ in refs}, {external_id for _, external_id in refs}
    found = BalanceTransaction.objects.filter(account__in=accounts, external_id__in=ids)
    return {(row[-1], external_id): tuple(row) for external_id, *row in found.values_list("external_id", *ROW)}


class Freed(NamedTuple):
    """What becomes available on a day: minor units, and of how many movements."""

    currency: str
    day: date
    amount: int
    movements: int


def becoming_available(movements: Movements, *, zone: tzinfo) -> list[Freed]:
    """By currency and day of that zone, what waits of ``movements``, as far as the processor named a day."""
    waiting = movements.filter(OF_PAYMENTS, status="pending", available_on__isnull=False).exclude(booking="")
    by_day = waiting.annotate(day=TruncDate("available_on", tzinfo=zone)).values_list("currency", "day")
    return [Freed(*told) for told in by_day.annotate(Sum("net"), Count("pk")).order_by("currency", "day")]


class Booked(NamedTuple):
    """What a payment brought to the balance, in minor units of the balance's currency."""

    fee: int
    net: int
    currency: str


def booked_for(payments: Collection[int]) -> dict[int, Booked]:
    """By the payment's key, where the movement is here; two queries."""
    attempts = PaymentAttempt.objects.filter(payment__in=payments).exclude(balance_transaction_id="")
    payment_of = {
        (account, movement): payment
        for payment, account, movement in attempts.values_list("payment_id", "account_id", "balance_transaction_id")
    }
    accounts, ids = {account for account, _ in payment_of}, {movement for _, movement in payment_of}
    movements = BalanceTransaction.objects.filter(account__in=accounts, external_id__in=ids)
    return {
        payment_of[account, external_id]: Booked(*told)
        for account, external_id, *told in movements.values_list("account_id", "external_id", *Booked._fields)
        if (account, external_id) in payment_of
    }
