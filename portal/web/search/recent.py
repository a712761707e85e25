"""What a person searched for lately, for a merchant in a mode: the newest eight, for thirty days at most."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction

from billing.clock import now
from billing.crypto import EncryptedField, reveal
from billing.merchants.models import Merchant

MOST = 8
KEPT = timedelta(days=30)


class RecentSearch(models.Model):
    """``merchant`` is None for staff, who search over all of them. Searches hold names and addresses of people, so the
    text is sealed, and it goes with the person whose search it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    livemode = models.BooleanField(default=False)
    text = EncryptedField()
    searched_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "merchant", "livemode", "-searched_at"], name="recent_search_list"),
            models.Index(fields=["searched_at"], name="recent_search_age"),
        ]


def recent_searches(*, user_id: int, merchant: Merchant | None, livemode: bool) -> list[str]:
    """Newest first."""
    return [reveal(row, "text") or "" for row in _of(user_id, merchant, livemode)[:MOST]]


def remember_search(*, user_id: int, merchant: Merchant | None, livemode: bool, text: str) -> None:
    """Puts ``text`` in front of that person's searches; the oldest beyond MOST goes."""
    with transaction.atomic():
        known = list(_of(user_id, merchant, livemode).select_for_update())
        gone = [row.pk for row in known if reveal(row, "text") == text]
        gone += [row.pk for row in known if row.pk not in gone][MOST - 1 :]
        RecentSearch.objects.filter(pk__in=gone).delete()
        RecentSearch.objects.create(user_id=user_id, merchant=merchant, livemode=livemode, text=text)


def forget_searches(*, user_id: int, merchant: Merchant | None, livemode: bool) -> None:
    _of(user_id, merchant, livemode).delete()


def forget_old_searches() -> None:
    RecentSearch.objects.filter(searched_at__lt=now() - KEPT).delete()


def _of(user_id: int, merchant: Merchant | None, livemode: bool) -> "models.QuerySet[RecentSearch]":
    # Nobody waits for the sweeper: what is too old is not shown either.
    found = RecentSearch.objects.filter(user=user_id, livemode=livemode, searched_at__gte=now() - KEPT)
    mine = found.filter(merchant=merchant) if merchant else found.filter(merchant__isnull=True)
    return mine.order_by("-searched_at", "-id")
