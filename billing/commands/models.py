"""What people asked a processor to do with money, and every word that was exchanged about it."""

import uuid
from functools import partial

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import QueueRow


class CommandKind(models.TextChoices):
    REFUND = "refund", _("Refund")
    CAPTURE = "capture", _("Capture")
    CANCEL = "cancel", _("Cancellation")


class CommandState(models.TextChoices):
    """Of our request, never of what it made at the processor: a refund that succeeded here may fail there later."""

    REQUESTED = "requested", _("Waiting for approval")
    APPROVED = "approved", _("Waiting to be sent")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Checking with the processor")
    SUCCEEDED = "succeeded", _("Carried out")
    FAILED = "failed", _("Failed")
    REJECTED = "rejected", _("Rejected")
    CANCELLED = "cancelled", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


UNSENT = (CommandState.REQUESTED, CommandState.APPROVED)
# Sent, and no answer yet that says what came of it.
UNANSWERED = (CommandState.SENDING, CommandState.UNKNOWN)
OPEN = (*UNSENT, *UNANSWERED)
LONGEST_NOTE = 500
# In every object that a command makes, under this name: the key.
METADATA = "counterfoil_command"


class CommandQuerySet(models.QuerySet["MoneyCommand"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "CommandQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class BatchQuerySet(models.QuerySet["CommandBatch"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "BatchQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class CommandBatch(models.Model):
    """Commands of one kind and currency that were asked for together, and are approved together. ``amount`` is their
    sum in minor units, ``count`` how many they are. The row never changes: what became of them their own rows tell."""

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "bat"))
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    kind = models.CharField(max_length=16, choices=CommandKind)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    count = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=40, default="", blank=True)
    note = models.CharField(max_length=LONGEST_NOTE, default="", blank=True)
    requested_by_kind = models.CharField(max_length=16)
    requested_by_id = models.CharField(max_length=64)
    requested_by = models.CharField(max_length=254)
    requested_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        db_table = "command_batch"
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0, count__gt=0), name="command_batch_amount")]
        indexes = [models.Index(fields=["merchant", "livemode", "-requested_at", "-id"], name="command_batch_list")]


class MoneyCommand(QueueRow):
    """One request to move money. ``amount`` in minor units of ``currency``.

    ``parameters`` are frozen when it is asked for, and nothing else is sent; ``key`` goes with every try as its
    idempotency key, and in the metadata of what it makes. A finished state is never left: whoever wants something else
    asks anew. ``first_sent_at`` is the business clock's; ``unknown_since`` is set while nobody knows what came of it;
    ``external_id`` names what it made. ``reason`` is a word of ours, whatever the processor hears; the processor never
    hears the ``note``. ``batch`` is what it was asked for with, if with others.
    """

    public_id = models.CharField(max_length=40, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    payment = models.ForeignKey("billing.Payment", on_delete=models.PROTECT, related_name="commands")
    # With which attempt the row moves when that turns out to belong to another payment.
    charge_id = models.CharField(max_length=255, default="", blank=True)
    batch = models.ForeignKey(
        CommandBatch, on_delete=models.PROTECT, related_name="commands", null=True, db_index=False
    )
    kind = models.CharField(max_length=16, choices=CommandKind)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    parameters = models.JSONField()
    reason = models.CharField(max_length=40, default="", blank=True)
    note = models.CharField(max_length=LONGEST_NOTE, default="", blank=True)
    command_state = models.CharField(max_length=10, choices=CommandState)
    requested_by_kind = models.CharField(max_length=16)
    requested_by_id = models.CharField(max_length=64)
    requested_by = models.CharField(max_length=254)
    requested_at = models.DateTimeField()
    first_sent_at = models.DateTimeField(null=True)
    unknown_since = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=255, default="", blank=True)
    failure_code = models.CharField(max_length=80, default="", blank=True)
    failure_message = models.CharField(max_length=500, default="", blank=True)

    objects = CommandQuerySet.as_manager()

    class Meta(QueueRow.Meta):
        db_table = "money_command"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="money_command_amount"),
            models.CheckConstraint(
                condition=Q(command_state__in=OPEN, settled_at=None)
                | (~Q(command_state__in=OPEN) & Q(settled_at__isnull=False)),
                name="money_command_settled",
            ),
            models.CheckConstraint(
                condition=~Q(command_state__in=UNANSWERED) | Q(first_sent_at__isnull=False),
                name="money_command_sent",
            ),
            models.UniqueConstraint(
                fields=["account", "kind", "external_id"],
                name="money_command_makes_one",
                condition=~Q(external_id=""),
            ),
        ]
        indexes = [
            *QueueRow.Meta.indexes,
            models.Index(fields=["merchant", "livemode", "-requested_at", "-id"], name="money_command_list"),
            models.Index(fields=["batch"], name="money_command_batch", condition=Q(batch__isnull=False)),
            models.Index(
                fields=["first_sent_at"], name="money_command_unanswered", condition=Q(command_state__in=UNANSWERED)
            ),
            # Staff follow what they asked for over all merchants.
            models.Index(
                fields=["requested_by_id", "-requested_at", "-id"],
                name="money_command_of_staff",
                condition=Q(requested_by_kind="staff", kind=CommandKind.REFUND),
            ),
            # The processor did it after all: should be none.
            models.Index(
                fields=["settled_at"],
                name="money_command_contradicted",
                condition=Q(command_state=CommandState.FAILED) & ~Q(external_id=""),
            ),
        ]


class Call(models.TextChoices):
    SEND = "send", _("Sent")
    ASK = "ask", _("Asked what came of it")


class Reply(models.TextChoices):
    """What came of a call. LOST: the process that made it ended without a word."""

    DONE = "done", _("Carried out")
    DECLINED = "declined", _("Refused")
    NOT_EXECUTED = "not_executed", _("Not carried out, to be sent again")
    UNCLEAR = "unclear", _("No clear answer")
    LOST = "lost", _("Answer lost")
    FOUND = "found", _("Found")
    NOT_FOUND = "not_found", _("Not found")
    UNAVAILABLE = "unavailable", _("Could not be asked")


class CommandExchange(models.Model):
    """One call about a command. ``reply`` is empty while nobody knows the answer."""

    command = models.ForeignKey(MoneyCommand, on_delete=models.PROTECT, related_name="exchanges")
    call = models.CharField(max_length=4, choices=Call)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=12, choices=Reply, default="", blank=True)
    detail = models.CharField(max_length=500, default="", blank=True)
    request_id = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        db_table = "command_exchange"
        constraints = [
            models.CheckConstraint(
                condition=Q(reply="", ended_at=None) | (~Q(reply="") & Q(ended_at__isnull=False)),
                name="command_exchange_ended",
            ),
            # Two at once would be two requests under way for one command.
            models.UniqueConstraint(fields=["command"], name="command_exchange_one_open", condition=Q(reply="")),
        ]
