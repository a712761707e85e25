"""Tags follow their payment when it goes on under another id."""

from billing.tags.models import PaymentTag


def move_tags(*, merchant_id: int, livemode: bool, old: str, new: str) -> None:
    """``old`` and ``new`` are public ids. Call inside the transaction that gives the old one up."""
    tags = PaymentTag.objects.for_merchant(merchant_id, livemode)
    both = tags.filter(payment=new).values("word")
    tags.filter(payment=old, word__in=both).delete()
    tags.filter(payment=old).update(payment=new)
