"""Puts a tag on payments and takes it off again, on all of them or on none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.models import Merchant
from billing.outbox.publish import Fact, publish
from billing.tags.models import MOST, PaymentTag
from billing.tags.word import tidy


@dataclass(frozen=True, slots=True)
class Tagged:
    """How many payments were asked about, how many were changed, and how many have MOST tags already."""

    asked: int
    changed: int
    full: int = 0


def add_tag(*, merchant: Merchant, livemode: bool, payments: Sequence[str], word: str, by: Actor) -> Tagged:
    """``payments`` are public ids that the caller has found among the merchant's own. Those that have the tag stay as
    they are, and so do those with MOST others. Raises TagMalformed."""
    word = tidy(word)
    tags = PaymentTag.objects.for_merchant(merchant, livemode).filter(payment__in=payments)
    with _one_at_a_time(merchant):
        having = set(tags.filter(word=word).values_list("payment", flat=True))
        counted = tags.values("payment").annotate(n=Count("pk")).filter(n__gte=MOST)
        full = set(counted.values_list("payment", flat=True)) - having
        wanted = [payment for payment in payments if payment not in having | full]
        rows = [PaymentTag(merchant=merchant, livemode=livemode, payment=payment, word=word) for payment in wanted]
        # A payment that goes on under another id may be bringing the same tag along.
        PaymentTag.objects.bulk_create(rows, ignore_conflicts=True)
        _tell(merchant, livemode, "tag.added", word, wanted, by)
    return Tagged(len(payments), len(wanted), len(full))


def remove_tag(*, merchant: Merchant, livemode: bool, payments: Sequence[str], word: str, by: Actor) -> Tagged:
    """As add_tag(). Raises TagMalformed."""
    word = tidy(word)
    tags = PaymentTag.objects.for_merchant(merchant, livemode).filter(word=word, payment__in=payments)
    with _one_at_a_time(merchant):
        having = list(tags.values_list("payment", flat=True))
        tags.delete()
        _tell(merchant, livemode, "tag.removed", word, having, by)
    return Tagged(len(payments), len(having))


@contextmanager
def _one_at_a_time(merchant: Merchant) -> Iterator[None]:
    """Whoever counts a payment's tags, or says which were changed, must be the only one who changes them."""
    with transaction.atomic():
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=merchant.pk)
        yield


def _tell(merchant: Merchant, livemode: bool, action: str, word: str, payments: Sequence[str], by: Actor) -> None:
    if not payments:
        return
    publish(Fact("payment.tagged", merchant.pk, livemode, payment) for payment in payments)
    record(
        merchant_id=merchant.pk,
        actor=by,
        action=action,
        object_type="tag",
        object_id=word,
        after={"livemode": livemode, "count": len(payments), "payments": list(payments)},
    )
