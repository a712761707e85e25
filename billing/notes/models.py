"""What people write about a payment or a customer, for each other."""

from dataclasses import dataclass
from functools import partial

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.ids import new_id
from billing.merchants.models import Merchant

LONGEST = 5_000


class SubjectKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    CUSTOMER = "customer", _("Customer")


class Audience(models.TextChoices):
    STAFF = "staff", _("Staff only")
    MERCHANT_AND_STAFF = "merchant_and_staff", _("Merchant and staff")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about, by its public id: the row itself may be mirrored anew."""

    kind: SubjectKind
    public_id: str


class NoteQuerySet(models.QuerySet["Note"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "NoteQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class Note(models.Model):
    """Written once: nothing here changes or removes its words. A payment that goes on under another id takes its notes
    along. ``author_*`` are those of the audit trail's actor, as they were then. What a merchant's own people write is
    for both sides."""

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "note"), editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    subject_kind = models.CharField(max_length=16, choices=SubjectKind)
    subject_id = models.CharField(max_length=40)
    audience = models.CharField(max_length=20, choices=Audience)
    text = models.TextField()
    author_kind = models.CharField(max_length=16)
    author_id = models.TextField()
    author_label = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        db_table = "note"
        constraints = [
            models.CheckConstraint(condition=Q(subject_kind__in=SubjectKind.values), name="note_subject_known"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="note_audience_known"),
            models.CheckConstraint(
                condition=Q(author_kind="staff") | Q(audience=Audience.MERCHANT_AND_STAFF), name="note_audience_owned"
            ),
            models.CheckConstraint(
                condition=~Q(text="") & Q(LessThanOrEqual(Length("text"), LONGEST)), name="note_length"
            ),
        ]
        indexes = [
            models.Index(
                fields=["merchant", "livemode", "subject_kind", "subject_id", "-created_at", "-id"],
                name="note_of_subject",
            ),
        ]
