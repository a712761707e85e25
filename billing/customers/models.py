"""Customers of a merchant, and the means of payment that the processor keeps for them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Upper

from billing.mirror.models import CardSnapshot, MirroredQuerySet, MirroredRow


def belongs_to(external_id: str) -> dict[str, str]:
    """What a fact about something of a customer's tells; nothing where it is nobody's."""
    return {"customer_external_id": external_id} if external_id else {}


class Customer(MirroredRow):
    """Personal data of a merchant's customer. A deleted one keeps what was known of it. ``languages`` are what they
    like to read, best first (BCP 47, with commas between)."""

    PREFIX = "cst"

    name = models.CharField(max_length=200, default="", blank=True)
    email = models.CharField(max_length=254, default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    description = models.CharField(max_length=500, default="", blank=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    languages = models.CharField(max_length=200, default="", blank=True)
    default_method_id = models.CharField(max_length=255, default="", blank=True)
    deleted = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict)

    objects = MirroredQuerySet["Customer"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "customer"
        indexes = [
            *MirroredRow.Meta.indexes,
            # What people search by, in capitals; beginnings are ranges of bytes. Without a condition, since PostgreSQL
            # knows how many rows an expression finds only from an index over all of them.
            models.Index("merchant", "livemode", Upper("email"), name="customer_email"),
            models.Index("merchant", "livemode", Collate(Upper("name"), "C"), name="customer_name"),
        ]


class PaymentMethod(MirroredRow, CardSnapshot):
    """Tokens and what may be shown of a card; never its number. ``customer_id`` is the processor's id, empty when the
    method belongs to nobody."""

    PREFIX = "pmt"

    customer_id = models.CharField(max_length=255, default="", blank=True)
    holder_name = models.CharField(max_length=200, default="", blank=True)
    holder_email = models.CharField(max_length=254, default="", blank=True)
    metadata = models.JSONField(default=dict)

    objects = MirroredQuerySet["PaymentMethod"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "payment_method"
        indexes = [
            *MirroredRow.Meta.indexes,
            models.Index(fields=["account", "customer_id"], name="payment_method_owner", condition=~Q(customer_id="")),
        ]
