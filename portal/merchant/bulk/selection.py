"""Which payments somebody chose in the list: ticked rows, or all results as they were at a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from billing.payments.models import Payment
from portal.merchant.bulk.listing import MOST, TickedListing
from portal.web.money_lists.panel import MoneyPanel

# A list that was opened longer ago is looked at again before anything is done with all of it.
_LONGEST = timedelta(hours=24)


class SelectionRefused(Exception):
    """No payment, or more than MOST."""


@dataclass(frozen=True)
class Selection:
    """``seen`` is when the list was on the screen."""

    listing: TickedListing
    ticked: tuple[str, ...]
    is_all: bool
    seen: datetime

    @cached_property
    def payments(self) -> list[str]:
        """Public ids, newest first, one more than MOST at most. Ids of nobody's and of other merchants' payments are
        left out."""
        scope = self.listing.scope
        if self.is_all:
            found = self.listing.as_of(self.seen)
        else:
            mine = Payment.objects.for_merchant(scope.merchant, scope.livemode)
            found = mine.filter(public_id__in=self.ticked[: MOST + 1])
        return list(found.order_by("-created_at", "-id").values_list("public_id", flat=True)[: MOST + 1])

    @property
    def count(self) -> int:
        return len(self.payments)

    @property
    def is_too_large(self) -> bool:
        return self.count > MOST

    def check(self) -> None:
        """Raises SelectionRefused."""
        if not self.count or self.is_too_large:
            raise SelectionRefused(f"1 to {MOST:,} payments at once.")

    @property
    def most(self) -> int:
        return MOST

    @property
    def in_words(self) -> str:
        """What all results were filtered by; empty for no filters."""
        return MoneyPanel(self.listing.filters).in_words if self.listing.is_valid else ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form says to name it again, beside the list's own address."""
        if self.is_all:
            return [("all", "1"), ("seen", self.seen.isoformat())]
        return [("row", public_id) for public_id in self.ticked]

    @property
    def here_url(self) -> str:
        """The page about it."""
        query = urlencode([*self.listing.address_fields, *self.fields])
        return f"{self.listing.bulk_url}?{query}"

    @property
    def url(self) -> str:
        """Where forms about it go: the filters stay in the address."""
        return f"{self.listing.bulk_url}?{self.listing.address.query}"


def selection_of(listing: TickedListing, data: QueryDict) -> Selection:
    now = listing.scope.now
    seen = _moment(data.get("seen", "")) or now
    if not now - _LONGEST <= seen <= now:
        seen = now
    # PostgreSQL has no text with a NUL, and so no payment of that name.
    ticked = tuple(dict.fromkeys(row for row in data.getlist("row") if "\x00" not in row))
    return Selection(listing, ticked, is_all=data.get("all") == "1", seen=seen)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
