"""Whether a command needs a second person: what one may move alone is counted over 24 hours and over all accounts of
that person, so that parts of a sum are no way round a limit on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from billing import clock
from billing.approvals.models import Cause
from billing.approvals.persons import accounts_of_person
from billing.arrays import array
from billing.audit.actor import Actor
from billing.commands.models import CommandKind, CommandState, MoneyCommand
from billing.compiled import Compiled
from billing.limits.models import Action
from billing.limits.queries import limit_of
from billing.merchants.authority import role_of
from billing.money import Money

COUNTED_FOR = timedelta(hours=24)
# What moved nothing, and will not: a failed one that made something after all did move it.
_IN_VAIN = Q(
    command_state__in=(CommandState.FAILED, CommandState.REJECTED, CommandState.CANCELLED, CommandState.EXPIRED),
    external_id="",
)
# First half of the advisory lock's key; the second is the hash of who asks.
_LOCK_CLASS = 0x4C494D54


@dataclass(frozen=True, slots=True)
class Need:
    """Why, in minor units: ``limit_amount`` is what the requester may move alone, ``room`` what is left of that for
    this payment now."""

    cause: Cause
    limit_amount: int
    room: int


def count_alone(*, by: Actor) -> None:
    """Until the transaction ends nobody else counts what this person moved, under whatever account: two requests at
    once would each find room. To be taken before any lock of a payment."""
    with connection.cursor() as cursor:
        whose = min(accounts_of_person(by.id))
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK_CLASS, whose])


def need_of(*, kind: CommandKind, payment: Any, money: Money, by: Actor) -> Need | None:
    """None when ``by`` may do it alone, which staff never may. What was asked for counts from the moment at which it
    was, whether or not somebody approved it. Whoever spends by the answer holds the payment's lock, and that of
    count_alone(); without them it says how things stand."""
    limit = limit_of(
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        role=None if by.kind == "staff" else role_of(by.id, payment.merchant_id),
        action=Action(kind),
        currency=money.currency,
    )
    since, accounts = clock.now() - COUNTED_FOR, array(accounts_of_person(by.id))
    place = payment.merchant_id, str(kind), money.currency, since
    moved = _MOVED(*place, payment.pk, accounts, livemode=payment.livemode)
    of_payment, of_person = next(iter(moved), (0, 0))
    single, daily = limit.single - of_payment, limit.daily - of_person
    if money.minor <= min(single, daily):
        return None
    room = max(min(single, daily), 0)
    if money.minor > single:
        return Need(Cause.SINGLE, limit.single, room)
    return Need(Cause.DAILY, limit.daily, room)


def _moved(
    merchant_id: int, kind: str, currency: str, since: datetime, payment_id: int, accounts: str, *, livemode: bool
) -> QuerySet[MoneyCommand, tuple[int, int]]:
    """Of the payment, and by the person of these ``accounts``."""
    there = MoneyCommand.objects.filter(merchant_id=merchant_id, livemode=livemode, kind=kind, currency=currency)
    of_payment, of_person = Q(payment_id=payment_id), Q(requested_by_id__among=accounts)
    lately = there.filter(of_payment | of_person, requested_at__gt=since).exclude(_IN_VAIN)
    sums = {"payment": of_payment, "person": of_person}
    summed = {f"of_{name}": Sum("amount", filter=which, default=0) for name, which in sums.items()}
    return lately.order_by().values("kind").annotate(**summed).values_list(*summed)


_MOVED = Compiled(_moved)
