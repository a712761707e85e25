"""What a person was told, what of it still goes out as a mail, and what they want to be told."""

from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.queue.models import QueueRow


class Channel(models.TextChoices):
    IN_APP = "in_app", _("Here")
    MAIL = "mail", _("E-mail")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "NoticeQuerySet":
        """Of members: what staff are told of a merchant is not among it."""
        return self.filter(merchant=merchant, livemode=livemode, as_staff=False)

    def inbox_of(self, person: Any) -> "NoticeQuerySet":
        return self.filter(recipient=person, shown=True)


class Notice(models.Model):
    """One thing that one person is told once: an approval is needed once, and a refund fails once.

    ``kind`` is one of kinds.KINDS, ``object_id`` the public id of what it is about. ``facts`` say what happened,
    amounts in minor units, and nothing about any person. ``as_staff``: told as one of the platform's staff, not as a
    member. ``shown`` is False for what its recipient wants as a mail alone.
    """

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "ntc"), editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    as_staff = models.BooleanField(default=False)
    shown = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notice"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["recipient", "kind", "object_id"], name="notice_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notice_inbox"),
            models.Index(
                fields=["recipient", "merchant", "livemode"],
                name="notice_unread",
                condition=Q(read_at=None, shown=True),
            ),
            models.Index(fields=["kind", "object_id"], name="notice_about"),
        ]


class NoticeMail(QueueRow):
    """A notice that is to go out as a mail. Sent once if all goes well; whoever gets it twice sees one Message-ID."""

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="mail")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(QueueRow.Meta):
        db_table = "notice_mail"


class NoticeChoice(models.Model):
    """That a person wants a kind of notice by a channel or does not, otherwise than kinds.py has it. ``merchant`` is
    None for what they are told as staff."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel)
    wanted = models.BooleanField()

    class Meta:
        db_table = "notice_choice"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "merchant", "kind", "channel"], name="notice_choice_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notice_choice_channel_known"),
        ]
