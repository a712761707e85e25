"""Reading refunds: rows of a list, one with how it was asked for, and what of a payment can still be given back."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When, Window
from django.db.models.functions import RowNumber

from billing import clock
from billing.commands.models import OPEN, CommandBatch, CommandExchange, CommandKind, CommandState, MoneyCommand
from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import PAYMENT_OF_ROW
from billing.providers.models import ProviderAccount
from billing.queue.models import OPEN as NOT_DONE
from billing.refunds.models import CAME_BACK, Refund

Row = TypeVar("Row")
Shown = TypeVar("Shown")
# Columns of a row of the list.
ROW = (
    *("id", "public_id", "provider_status", "amount", "currency", "reason", "failure_reason", "pending_reason"),
    *("created_at", *PAYMENT_OF_ROW),
)

# For so long a list tells of requests of which nothing came.
_TOLD_FOR = timedelta(days=7)
# Somebody may have to act on what is under way, so that only a mass of it is cut.
_MOST = {"most_open": 100, "most_ended": 10}


class Barrier(StrEnum):
    """Why nothing of a payment can be given back."""

    NOT_CAPTURED = "not_captured"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    UNDER_WAY = "under_way"
    LOST = "lost"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class Refundable:
    """How what was captured is spoken for, in minor units: ``refunded`` by refunds that did not fail, ``under_way`` by
    requests of which no refund is known yet, ``lost`` to disputes; ``left`` is the rest. ``barrier`` is None where
    ``left`` can be given back."""

    captured: int
    refunded: int
    under_way: int
    lost: int
    left: int
    barrier: Barrier | None


def refundable(payment: Payment, account: ProviderAccount) -> Refundable:
    """What of a payment can be given back now. Its lock must be held by whoever spends it."""
    return _refundable(payment, account, sum(amount for (amount,) in _UNDER_WAY(payment.pk)))


def refundables(payments: Collection[Payment]) -> dict[int, Refundable]:
    """As refundable(), by the payments' keys. One query, where the payments have their accounts with them."""
    asked = MoneyCommand.objects.filter(payment__in=payments, kind=CommandKind.REFUND, command_state__in=OPEN)
    under_way = dict(asked.values_list("payment_id").annotate(Sum("amount")).order_by())
    return {each.pk: _refundable(each, each.account, under_way.get(each.pk, 0)) for each in payments}


def _refundable(payment: Payment, account: ProviderAccount, under_way: int) -> Refundable:
    captured, refunded, lost = payment.amount_captured, payment.amount_refunded, payment.amount_lost
    left = max(captured - refunded - under_way - lost, 0)
    barrier = _barrier(payment, account, left=left, under_way=under_way)
    return Refundable(captured, refunded, under_way, lost, left, barrier)


def _under_way(payment_id: int) -> QuerySet[MoneyCommand, tuple[int]]:
    asked = MoneyCommand.objects.filter(payment_id=payment_id, kind=CommandKind.REFUND, command_state__in=OPEN)
    return asked.values_list("amount")


_UNDER_WAY = Compiled(_under_way)


def _barrier(payment: Payment, account: ProviderAccount, *, left: int, under_way: int) -> Barrier | None:
    if not payment.amount_captured or not payment.external_charge_id:
        return Barrier.NOT_CAPTURED
    # An inquiry takes no money and is no chargeback: giving the money back may even end it.
    if payment.open_chargebacks:
        return Barrier.DISPUTED
    if not left:
        if under_way:
            return Barrier.UNDER_WAY
        return Barrier.LOST if payment.amount_lost else Barrier.REFUNDED
    return None if account.is_connected else Barrier.NOT_CONNECTED


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """All that is known under one public id: the ``request``, None where it was asked for elsewhere, with every word
    that was exchanged about it, oldest first; and the ``refund``, None until the processor has made one. One that staff
    named as what the request made has an id of its own, under which both are known, too."""

    request: MoneyCommand | None
    exchanges: Sequence[CommandExchange]
    refund: Refund | None

    @property
    def facts(self) -> Refund | MoneyCommand:
        """What says how much, in which currency, of which payment and by which id."""
        if self.refund is not None:
            return self.refund
        if self.request is not None:
            return self.request
        raise TypeError("a refund is known to the processor or was asked for here")


def load_refund(merchant: Merchant, livemode: bool, public_id: str) -> RefundRecord:
    """Of that merchant and mode. Raises Refund.DoesNotExist when there is neither a refund nor a request."""
    refunds = Refund.objects.for_merchant(merchant, livemode).select_related("payment")
    refund = refunds.filter(public_id=public_id).first()
    asked = MoneyCommand.objects.for_merchant(merchant, livemode).filter(kind=CommandKind.REFUND)
    named = Q(public_id=public_id)
    if refund is not None:
        named |= Q(payment=refund.payment_id, external_id=refund.external_id)
    request = asked.select_related("payment", "batch").filter(named).first()
    if refund is None and request is not None and request.external_id:
        refund = refunds.filter(account=request.account_id, external_id=request.external_id).first()
    if refund is None and request is None:
        raise Refund.DoesNotExist
    exchanges = list(request.exchanges.order_by("began_at", "id")) if request else []
    return RefundRecord(request, exchanges, refund)


@dataclass(frozen=True, slots=True)
class Told(Generic[Row]):
    """What a list tells of requests: the newest ``rows`` of those under way and of those that ended, and how many
    older ones of either it leaves out."""

    rows: Sequence[Row]
    open_left_out: int
    ended_left_out: int

    @property
    def count(self) -> int:
        """Of all, those that are left out included."""
        return len(self.rows) + self.open_left_out + self.ended_left_out

    def shown_as(self, make: Callable[[Row], Shown]) -> "Told[Shown]":
        return Told([make(each) for each in self.rows], self.open_left_out, self.ended_left_out)


def asked_as_staff(account_id: str, livemode: bool, *, since: datetime, most: int) -> list[MoneyCommand]:
    """Refunds that this person of the staff asked for, of any merchant: those that are open or were asked for since
    then, newest first, with payment, merchant and, as ``made_status``, the processor's status of what was made. One
    query."""
    theirs = MoneyCommand.objects.filter(kind=CommandKind.REFUND, requested_by_kind="staff", requested_by_id=account_id)
    told = theirs.filter(Q(settled_at=None) | Q(requested_at__gte=since), livemode=livemode)
    made = Refund.objects.filter(account=OuterRef("account"), external_id=OuterRef("external_id"))
    annotated = told.annotate(made_status=Subquery(made.values("provider_status")[:1]))
    return list(annotated.select_related("payment", "merchant").order_by("-requested_at", "-id")[:most])


def requests_without_refund(merchant: Merchant, livemode: bool) -> Told[MoneyCommand]:
    """With their payments, each newest first: those under way, then those of the last days that failed or that nobody
    approved. One query, which the small indexes of the queue and the list serve, however many were carried out."""
    return _told(_REQUESTS(merchant.pk, clock.now() - _TOLD_FOR, livemode=livemode, **_MOST))


def batches_lately(merchant: Merchant, livemode: bool) -> Told[tuple[CommandBatch, list[tuple[str, str, bool]]]]:
    """Refunds of several payments that were asked for in the last days, those under way first, each with the states of
    its commands, what they made, and whether that came back. Two queries."""
    batches = _told(_BATCHES(merchant.pk, clock.now() - _TOLD_FOR, livemode=livemode, **_MOST))
    states: dict[int, list[tuple[str, str, bool]]] = {batch.pk: [] for batch in batches.rows}
    if states:
        made = Refund.objects.filter(account=OuterRef("account"), external_id=OuterRef("external_id"))
        commands = MoneyCommand.objects.filter(batch__in=states).annotate(
            came_back=Exists(made.filter(provider_status__in=CAME_BACK))
        )
        told = commands.values_list("batch_id", "command_state", "external_id", "came_back")
        for batch_id, state, external_id, came_back in told:
            states[batch_id].append((state, external_id, came_back))
    return batches.shown_as(lambda batch: (batch, states[batch.pk]))


def _requests(merchant: int, since: datetime, *, livemode: bool, **most: int) -> QuerySet[MoneyCommand]:
    asked = MoneyCommand.objects.for_merchant(merchant, livemode).filter(kind=CommandKind.REFUND, external_id="")
    # What waits for approval stands in no queue, and expires sooner than this.
    states = (CommandState.REQUESTED, CommandState.FAILED, CommandState.REJECTED, CommandState.EXPIRED)
    # What was asked for together lately stands there as one.
    alone = asked.exclude(batch__isnull=False, requested_at__gte=since)
    told = alone.filter(NOT_DONE | Q(command_state__in=states, requested_at__gte=since)).select_related("payment")
    return _newest(told.annotate(is_open=Case(When(command_state__in=OPEN, then=True), default=False)), **most)


def _batches(merchant: int, since: datetime, *, livemode: bool, **most: int) -> QuerySet[CommandBatch]:
    rows = CommandBatch.objects.for_merchant(merchant, livemode).filter(kind=CommandKind.REFUND)
    under_way = MoneyCommand.objects.filter(batch=OuterRef("pk"), command_state__in=OPEN)
    return _newest(rows.filter(requested_at__gte=since).annotate(is_open=Exists(under_way)), **most)


def _newest(rows: QuerySet[Any], *, most_open: int, most_ended: int) -> QuerySet[Any]:
    """Of those that are ``is_open`` and of the others, each with how many there are ``in_all``."""
    alike: dict[str, Any] = {"partition_by": [F("is_open")]}
    place = Window(RowNumber(), order_by=["-requested_at", "-id"], **alike)
    ranked = rows.annotate(place=place, in_all=Window(Count("*"), **alike))
    shown = Q(is_open=True, place__lte=most_open) | Q(is_open=False, place__lte=most_ended)
    newest: QuerySet[Any] = ranked.filter(shown).order_by("-is_open", "-requested_at", "-id")
    return newest


def _told(found: list[Any]) -> Told[Any]:
    in_all = {each.is_open: each.in_all for each in found}
    listed = Counter(each.is_open for each in found)
    return Told(found, *(in_all.get(is_open, 0) - listed[is_open] for is_open in (True, False)))


_REQUESTS: Compiled[Any] = Compiled(_requests)
_BATCHES: Compiled[Any] = Compiled(_batches)
