"""The columns of every table whose rows are work to be done."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    PENDING = "pending", _("Received")
    LEASED = "leased", _("Processing")
    PARKED = "parked", _("Waiting for its object")
    DONE = "done", _("Processed")
    DEAD = "dead", _("Dead letter")


# Rows that are not done, put so that each part is served by one of the small indexes below, however many are done.
OPEN = (
    Q(state=State.PENDING, attempts=0)
    | Q(state__in=[State.PENDING, State.PARKED], attempts__gt=0)
    | Q(state=State.LEASED)
    | Q(state=State.DEAD)
)


class QueueRow(models.Model):
    """A row is claimed by a worker under a lease and leaves the queue in the transaction of its effect.

    ``lease_until`` is the database's time, ``next_attempt_at`` the business clock's.
    """

    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)
    processed_at = models.DateTimeField(null=True)

    # What the work of a queue reads of its rows; empty reads all columns.
    WORKED_WITH: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True
        indexes = [
            models.Index("id", name="%(class)s_fresh", condition=Q(state=State.PENDING, attempts=0)),
            models.Index(
                "next_attempt_at",
                name="%(class)s_retry",
                condition=Q(state__in=[State.PENDING, State.PARKED], attempts__gt=0),
            ),
            models.Index("lease_until", name="%(class)s_leased", condition=Q(state=State.LEASED)),
            models.Index("id", name="%(class)s_dead", condition=Q(state=State.DEAD)),
            # For what was done lately: rows are finished in about the order in which they are stored.
            BrinIndex("processed_at", name="%(class)s_done", autosummarize=True),
        ]


class ScheduledWork(models.Model):
    """When work that comes round by itself last began and ended."""

    name = models.CharField(max_length=80, primary_key=True)
    last_started_at = models.DateTimeField(null=True)
    last_ended_at = models.DateTimeField(null=True)
    runs = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "scheduled_work"
