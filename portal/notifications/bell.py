"""The bell in the frame of every page of a merchant and of staff: how much of what one was told is unread."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from billing.merchants.models import Merchant
from portal.accounts.user import User
from portal.notifications.models import Notice, NoticeQuerySet
from portal.web.context import face_of
from portal.web.nav import address

# More are shown as this and a plus.
MOST = 99


@dataclass(frozen=True, slots=True)
class Bell:
    """``topic`` is what a signal to this person's pages names."""

    url: str
    refresh_url: str
    topic: str
    count: int

    @property
    def shown(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)


def bell(request: HttpRequest) -> dict[str, Any]:
    """For the frame; counts only where it is drawn."""
    return {"bell": SimpleLazyObject(lambda: bell_of(request))}


def bell_of(request: HttpRequest) -> Bell | None:
    """None on pages that belong to no merchant and not to staff."""
    merchant: Merchant | None = getattr(request, "merchant", None)
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    if merchant is not None:
        mode = "live" if request.livemode else "test"  # type: ignore[attr-defined]
        return _bell("inbox", {"merchant": merchant.slug, "mode": mode}, user, told_here(request))
    if face_of(request) == "ops" and user.staff_role:
        return _bell("ops_inbox", {}, user, Notice.objects.inbox_of(user))
    return None


def told_here(request: Any) -> NoticeQuerySet:
    """What this person is told of the merchant and mode of the page, or as staff of all."""
    told = Notice.objects.inbox_of(request.user)
    merchant = getattr(request, "merchant", None)
    return told if merchant is None else told.for_merchant(merchant, request.livemode)


def _bell(name: str, kwargs: dict[str, str], user: User, told: NoticeQuerySet) -> Bell | None:
    url = address(f"notices:{name}", kwargs)
    if not url:
        return None
    unread = told.filter(read_at=None).order_by()[: MOST + 1].count()
    return Bell(url=url, refresh_url=address(f"notices:{name}_bell", kwargs), topic=user.public_id, count=unread)
