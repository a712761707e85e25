"""Events about refunds."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db.models import Count, Q, Sum

from billing.commands.models import MoneyCommand
from billing.figures.sources import Source, counted
from billing.mirror.ask import Wanted, ask
from billing.mirror.fold import Folded, Shape
from billing.mirror.registry import mirrored
from billing.payments.activity import About
from billing.payments.answered import settle_releases
from billing.payments.children import mirror_children
from billing.payments.restate import restates
from billing.providers.base import Kind
from billing.providers.events import RefundObserved
from billing.refunds.models import CAME_BACK, LIVE, Refund, RefundStatus
from billing.refunds.own import commands_behind, settle_own
from billing.webhooks.handlers import Inbound, Result, handler

_COPIED = (
    *("charge_id", "amount", "currency", "reason", "failure_reason", "pending_reason", "arn", "description"),
    *("balance_transaction_id", "failure_balance_transaction_id", "metadata", "created_at"),
)


def _values(event: RefundObserved) -> Mapping[str, Any]:
    return {**{name: getattr(event, name) for name in _COPIED}, "provider_status": event.status}


def _about(event: RefundObserved, payment_id: int) -> About:
    return About(
        payment_id=payment_id,
        status=event.status,
        amount=event.amount,
        currency=event.currency,
        charge_id=event.charge_id,
        object_id=event.external_id,
        note=event.failure_reason,
        born_as="refund.created",
        born_at=event.created_at,
    )


def _adds(refund: Refund) -> tuple[int, ...]:
    return (1, refund.amount) if refund.provider_status in LIVE else (0, 0)


_LIVE = Q(provider_status__in=LIVE)
COUNTED = counted(
    Source(
        Refund,
        adds=_adds,
        sums={"refunds": Count("pk", filter=_LIVE), "refunds_amount": Sum("amount", filter=_LIVE, default=0)},
        at=lambda refund: refund.created_at,
    )
)
REFUNDS = Shape(Kind.REFUND, Refund, _values, counts=(COUNTED,))
_OPEN = Q(provider_status__in=[RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION]) | Q(arn="")
mirrored(Kind.REFUND, Refund, told=_values, open=_OPEN)


@handler(RefundObserved)
def mirror_refunds(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    own: dict[int, MoneyCommand] = {}

    def names(placed: Sequence[Inbound]) -> Mapping[int, str]:
        own.update(commands_behind(placed))
        return {row_id: command.public_id for row_id, command in own.items()}

    results, folded = mirror_children(batch, REFUNDS, about=_about, restate=_totals, names=names)
    settle_own(batch, own)
    settle_releases({each.row.payment_id: each.row.external_id for each in folded if _may_release(each)})
    ask(_charges_in_doubt(folded))
    return results


def _may_release(one: Folded[Refund]) -> bool:
    """Whether it may be a release that somebody asked for: an intent tells of that by itself."""
    return not cast(RefundObserved, one.item.event).intent_id and one.row.provider_status in LIVE


@restates
def _totals(payment_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    sums = Refund.objects.filter(payment__in=payment_ids, provider_status__in=LIVE).values_list("payment_id")
    found = dict(sums.annotate(total=Sum("amount")))
    return {payment_id: {"refunds_total": found.get(payment_id, 0)} for payment_id in payment_ids}


def _charges_in_doubt(folded: Sequence[Folded[Refund]]) -> list[Wanted]:
    """A refund that took its end gives its amount back to the charge, of which no event tells."""
    return [
        Wanted(each.item.account_id, Kind.CHARGE, each.row.charge_id, "its refund came back")
        for each in folded
        if each.changed and each.row.provider_status in CAME_BACK and each.row.charge_id
    ]
