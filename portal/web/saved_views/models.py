"""Views of lists that people gave a name, and which of them a list opens with."""

import uuid
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from billing.clock import now
from billing.crypto import EncryptedField, reveal
from billing.ids import new_id
from billing.merchants.models import Merchant

LONGEST_NAME = 60
# Of a person, and of the team, for one list.
MOST = 50


class ListKind(models.TextChoices):
    """The lists that have views, by the word in their address."""

    TRANSACTIONS = "transactions", _("Transactions")
    REFUNDS = "refunds", _("Refunds")
    DISPUTES = "disputes", _("Disputes")
    ACTIVITY = "activity", _("All activity")


class OfMerchant(models.QuerySet[Any]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "OfMerchant":
        return self.filter(merchant=merchant, livemode=livemode)


class SavedView(models.Model):
    """``owner`` is None for one that the whole team has. The query names what was searched for, which may be a person,
    so it is sealed; a private view goes with whose it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "viw"), editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    livemode = models.BooleanField()
    kind = models.CharField(max_length=16, choices=ListKind)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=LONGEST_NAME)
    # As known.stored_query() writes it, behind a question mark: nothing empty is ever sealed.
    query = EncryptedField()
    created_at = models.DateTimeField(default=now, editable=False)

    objects = OfMerchant.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=ListKind.values), name="saved_view_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_named"),
            models.UniqueConstraint(
                *("merchant", "livemode", "kind", "owner", Lower("name")),
                name="saved_view_name_of_person",
                condition=Q(owner__isnull=False),
            ),
            models.UniqueConstraint(
                *("merchant", "livemode", "kind", Lower("name")),
                name="saved_view_name_of_team",
                condition=Q(owner__isnull=True),
            ),
        ]

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None

    @property
    def stored(self) -> str:
        """The query in the open."""
        return (reveal(self, "query") or "").removeprefix("?")


class DefaultView(models.Model):
    """What a list opens with: a person's choice, or for ``user`` None the team's. A person who wants the plain list in
    spite of the team's choice has a row without a view."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    livemode = models.BooleanField()
    kind = models.CharField(max_length=16, choices=ListKind)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, null=True, related_name="+")

    objects = OfMerchant.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=ListKind.values), name="default_view_kind_known"),
            models.CheckConstraint(condition=Q(user__isnull=False) | Q(view__isnull=False), name="default_view_chosen"),
            models.UniqueConstraint(
                F("merchant"),
                F("livemode"),
                F("kind"),
                F("user"),
                name="default_view_of_person",
                condition=Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                F("merchant"), F("livemode"), F("kind"), name="default_view_of_team", condition=Q(user__isnull=True)
            ),
        ]
