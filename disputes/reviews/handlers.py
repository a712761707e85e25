"""Events about reviews at the processor."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q

from billing.mirror.fold import Shape
from billing.mirror.registry import mirrored
from billing.payments.activity import About
from billing.payments.children import mirror_children
from billing.payments.restate import restates
from billing.providers.base import Kind
from billing.providers.events import ReviewObserved
from billing.webhooks.handlers import Inbound, Result, handler
from disputes.reviews.models import Review

_COPIED = (
    *("charge_id", "is_open", "reason", "opened_reason", "closed_reason", "ip_address", "ip_country", "billing_zip"),
    "created_at",
)


def _values(event: ReviewObserved) -> Mapping[str, Any]:
    return {name: getattr(event, name) for name in _COPIED}


def _about(event: ReviewObserved, payment_id: int) -> About:
    return About(
        payment_id=payment_id,
        status="open" if event.is_open else "closed",
        amount=0,
        currency="",
        charge_id=event.charge_id,
        object_id=event.external_id,
        note=event.closed_reason or event.opened_reason,
        born_as="review.opened",
        born_at=event.created_at,
    )


REVIEWS = Shape(Kind.REVIEW, Review, _values)
mirrored(Kind.REVIEW, Review, told=_values, open=Q(is_open=True))


@handler(ReviewObserved)
def mirror_reviews(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    results, _ = mirror_children(batch, REVIEWS, about=_about, restate=_standing)
    return results


@restates
def _standing(payment_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    rows = Review.objects.filter(payment__in=payment_ids).values_list("payment_id")
    return {found: {"open_reviews": count} for found, count in rows.annotate(count=Count("id", filter=Q(is_open=True)))}
