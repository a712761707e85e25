"""Short words that a merchant's people put on payments."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from billing import clock
from billing.merchants.models import Merchant

LONGEST = 30
# On one payment.
MOST = 10


class PaymentTagQuerySet(models.QuerySet["PaymentTag"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "PaymentTagQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class PaymentTag(models.Model):
    """``payment`` is a public id: a payment that goes on under another one takes its tags along. The word is in small
    letters, as billing.tags.word.tidy() writes it."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    payment = models.CharField(max_length=40)
    word = models.CharField(max_length=LONGEST)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = PaymentTagQuerySet.as_manager()

    class Meta:
        db_table = "payment_tag"
        constraints = [
            models.CheckConstraint(condition=~Q(word=""), name="payment_tag_says_something"),
            models.CheckConstraint(condition=Q(word=Lower("word")), name="payment_tag_is_small"),
            # Payments of a word are looked up by its beginning, the words of a payment by the index below.
            models.UniqueConstraint(fields=["merchant", "livemode", "word", "payment"], name="payment_tag_once"),
        ]
        indexes = [models.Index(fields=["payment", "word"], name="payment_tag_of_payment")]
