"""The list of requests for approval at one address: those that wait, soonest end first, or those that ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.approvals.models import Approval, ApprovalQuerySet, Decision
from portal.web.approvals.desk import Desk
from portal.web.approvals.subjects import KINDS, Subject, roles_of, subjects_of
from portal.web.approvals.words import status_value, why_short
from portal.web.counting import CountedPages, Found
from portal.web.pagination import Order
from portal.web.query_string import ListAddress
from portal.web.tables import Tab
from reports.dates import left_text
from reports.templatetags.status import badge, status

LIST_NAMES = ("state", "kind", "merchant", "mode", "size", "cursor")
ENDED = "ended"
_LOUD = (("danger", timedelta(hours=6)), ("warn", timedelta(hours=24)))
_MODES = {"live": True, "test": False}
_SOONEST = Order(("expires_at", "id"), ("moment", "number"), descending=False)
# In the order of asking: what the index of one merchant's rows is sorted by, and that of all rows.
_NEWEST, _NEWEST_OF_ALL = Order(("requested_at", "id"), ("moment", "number")), Order(("id",), ("number",))


@dataclass(frozen=True, slots=True)
class Row:
    """``is_own``: the reader asked for it, and cannot decide."""

    approval: Approval
    subject: Subject
    url: str
    badge: SafeString
    role: str
    why: str
    is_own: bool


@dataclass(frozen=True)
class ApprovalListing(CountedPages):
    desk: Desk
    address: ListAddress

    @property
    def is_ended(self) -> bool:
        return self.address.first("state") == ENDED

    @property
    def order(self) -> Order:
        if not self.is_ended:
            return _SOONEST
        return _NEWEST_OF_ALL if self.desk.for_staff else _NEWEST

    @cached_property
    def filters(self) -> Found:
        waits = Q(decision=Decision.PENDING, expires_at__gt=clock.now())
        return Found(self._chosen.filter(~waits if self.is_ended else waits).select_related("merchant"))

    @property
    def _chosen(self) -> ApprovalQuerySet:
        """Of one kind, merchant or mode where the address says so."""
        asked = {
            "kind": self.kind,
            "merchant__slug": self.merchant,
            "livemode": _MODES.get(self.address.first("mode")),
        }
        return self.desk.approvals.filter(**{name: value for name, value in asked.items() if value not in (None, "")})

    @property
    def kind(self) -> str:
        asked = self.address.first("kind")
        return asked if asked in KINDS else ""

    @property
    def merchant(self) -> str:
        return self.address.first("merchant").replace("\x00", "") if self.desk.for_staff else ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.scope)

    @property
    def scope(self) -> str:
        """Which part of the requests is shown, for people; empty for all."""
        kinds = {"refund": gettext("refunds"), "capture": gettext("captures"), "cancel": gettext("cancellations")}
        kinds |= {"refund_batch": gettext("refunds of several payments"), "limit": gettext("limits")}
        modes = {"live": gettext("live mode"), "test": gettext("test mode")} if self.desk.for_staff else {}
        parts = (kinds.get(self.kind), self.merchant, modes.get(self.address.first("mode")))
        return ", ".join(filter(None, parts))

    @property
    def everything_url(self) -> str:
        return self.address.without({"kind", "merchant", "mode"})

    @cached_property
    def rows(self) -> list[Row]:
        approvals: list[Approval] = self.page.rows
        subjects = subjects_of(approvals, by_person=self.desk.by_person)
        roles, now = roles_of(approvals), clock.now()
        return [
            Row(
                approval=each,
                subject=subjects[each.public_id],
                url=self.desk.page(each),
                badge=status("approval", status_value(each)) if self.is_ended else _left(each.expires_at, now),
                role=roles[each.public_id],
                why=why_short(each),
                is_own=self.desk.asked_for(each),
            )
            for each in approvals
        ]

    @property
    def tabs(self) -> list[Tab]:
        return [
            Tab(_("Waiting"), self.address.having(state=""), not self.is_ended, self._waiting),
            Tab(_("Ended"), self.address.having(state=ENDED), self.is_ended),
        ]

    @property
    def _waiting(self) -> int:
        if not self.is_ended:
            return self.count
        return self._chosen.filter(decision=Decision.PENDING, expires_at__gt=clock.now()).count()

    @property
    def noun(self) -> str:
        return ngettext("request", "requests", self.counted)


def _left(ends: datetime, now: datetime) -> SafeString:
    """How long somebody can still decide: the less, the louder."""
    left = ends - now
    family = next((family for family, below in _LOUD if left < below), "neutral")
    return badge(family, left_text(ends, now), name="clock")


def load_listing(desk: Desk, query: QueryDict) -> ApprovalListing:
    return ApprovalListing(desk, ListAddress(desk.list_url, query, LIST_NAMES))


def list_context(listing: ApprovalListing, **more: Any) -> dict[str, Any]:
    return {"listing": listing, "desk": listing.desk, "zone": listing.desk.zone, **more}
