"""Events about disputes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, Sum

from billing.figures.sources import Source, counted
from billing.mirror.fold import Shape
from billing.mirror.registry import mirrored
from billing.payments.activity import About
from billing.payments.children import mirror_children
from billing.payments.restate import restates
from billing.providers.base import Kind
from billing.providers.events import DisputeObserved
from billing.webhooks.handlers import Inbound, Result, handler
from disputes.chargebacks.models import ENDED, UNDECIDED, Dispute

_COPIED = (
    *("charge_id", "amount", "currency", "amount_withdrawn", "fee", "reason", "network_reason_code", "case_type"),
    *("brand", "is_charge_refundable", "due_by", "has_evidence", "past_due", "submission_count", "submission_method"),
    *("evidence", "metadata", "created_at"),
)


def _values(event: DisputeObserved) -> Mapping[str, Any]:
    return {
        **{name: getattr(event, name) for name in _COPIED},
        "provider_status": event.status,
        "balance_transaction_ids": list(event.balance_transaction_ids),
    }


def _about(event: DisputeObserved, payment_id: int) -> About:
    return About(
        payment_id=payment_id,
        status=event.status,
        amount=event.amount,
        currency=event.currency,
        charge_id=event.charge_id,
        object_id=event.external_id,
        note=event.reason,
        born_as="charge.dispute.created",
        born_at=event.created_at,
    )


COUNTED = counted(
    Source(
        Dispute,
        adds=lambda dispute: (1, dispute.amount),
        sums={"disputes": Count("pk"), "disputes_amount": Sum("amount")},
        at=lambda dispute: dispute.created_at,
    )
)
DISPUTES = Shape(Kind.DISPUTE, Dispute, _values, counts=(COUNTED,))
mirrored(Kind.DISPUTE, Dispute, told=_values, open=~Q(provider_status__in=ENDED))


@handler(DisputeObserved)
def mirror_disputes(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    results, _ = mirror_children(batch, DISPUTES, about=_about, restate=_standing)
    return results


@restates
def _standing(payment_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    """What disputes took is what their balance transactions say, whatever their status."""
    rows = Dispute.objects.filter(payment__in=payment_ids).values_list("payment_id")
    known = rows.annotate(
        undecided=Count("id", filter=Q(provider_status__in=UNDECIDED)), withdrawn=Sum("amount_withdrawn")
    )
    return {
        payment_id: {"open_chargebacks": undecided, "amount_lost": max(withdrawn, 0)}
        for payment_id, undecided, withdrawn in known
    }
