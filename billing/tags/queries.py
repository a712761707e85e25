"""Which tags payments have, and which a merchant uses."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from billing.arrays import array
from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.tags.models import PaymentTag

OFFERED = 50


def tags_on(payments: Collection[str]) -> Mapping[str, list[str]]:
    """Words by the payment's public id, in alphabetical order; payments without any are left out."""
    found: dict[str, list[str]] = {}
    for payment, word in _TAGS(array(payments)):
        found.setdefault(payment, []).append(word)
    return found


def _tags(payments: str) -> QuerySet[PaymentTag, tuple[str, str]]:
    tags = PaymentTag.objects.filter(payment__among=payments).order_by("payment", "word")
    return tags.values_list("payment", "word")


_TAGS = Compiled(_tags)


def known_tags(merchant: Merchant | int, livemode: bool) -> list[str]:
    """Words in use, in alphabetical order, up to OFFERED."""
    words = PaymentTag.objects.for_merchant(merchant, livemode).order_by("word").values_list("word", flat=True)
    return list(words.distinct()[:OFFERED])
