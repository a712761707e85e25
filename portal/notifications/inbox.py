"""What one was told, by day: of one merchant and mode, or as staff of all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from billing import clock
from billing.approvals.models import Approval, Decision
from portal.access.people_seen import sees_people
from portal.notifications.bell import told_here
from portal.notifications.kinds import APPROVAL_DECIDED, APPROVAL_NEEDED
from portal.notifications.models import Notice
from portal.notifications.words import Words, page_of, reference_of, words
from portal.web.approvals.subjects import names_of
from portal.web.json_text import redacted
from portal.web.nav import address
from portal.web.pagination import Order, fetch_from, parse_cursor, take_page

ORDER = Order(columns=("created_at", "id"), kinds=("moment", "number"))
SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """``decided`` says who decided meanwhile, where an approval was needed, and ``comment`` as much of why as the
    reader may know."""

    notice: Notice
    words: Words
    url: str
    reference: str
    decided: str
    comment: str


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    day: date
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Inbox:
    days: Sequence[Day]
    unread: int
    topic: str
    list_url: str
    read_url: str
    cursor: str
    previous_url: str
    next_url: str
    number: int


def inbox_of(request: Any) -> Inbox:
    """The page that the address asks for. Raises BadRequest for a cursor that nobody gave out."""
    merchant = getattr(request, "merchant", None)
    zone = merchant.zone if merchant else ZoneInfo(request.user.timezone or "UTC")
    place = Place.of(request)
    told = told_here(request).select_related("merchant")
    cursor = parse_cursor(request.GET.get("cursor", ""), ORDER)
    page = take_page(fetch_from(told, ORDER), order=ORDER, cursor=cursor, size=SIZE, key=_key)
    return Inbox(
        days=_days(page.rows, zone, by_person=sees_people(request)),
        unread=told.filter(read_at=None).count(),
        topic=request.user.public_id,
        list_url=place.url("_list", request.GET.get("cursor", "")),
        read_url=place.url("_read"),
        cursor=request.GET.get("cursor", ""),
        previous_url=place.url("", page.previous) if page.previous else "",
        next_url=place.url("", page.next) if page.next else "",
        number=page.number,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an inbox is: under a merchant and mode, or among the pages of staff."""

    name: str
    kwargs: dict[str, str]

    @classmethod
    def of(cls, request: Any) -> "Place":
        merchant = getattr(request, "merchant", None)
        if merchant is None:
            return cls("notices:ops_inbox", {})
        return cls("notices:inbox", {"merchant": merchant.slug, "mode": "live" if request.livemode else "test"})

    def url(self, act: str, cursor: str = "") -> str:
        path = address(self.name + act, self.kwargs)
        return f"{path}?{urlencode({'cursor': cursor})}" if cursor else path


def _key(notice: Notice) -> tuple[Any, ...]:
    return notice.created_at, notice.pk


def _days(notices: Sequence[Notice], zone: tzinfo, *, by_person: bool) -> list[Day]:
    today = clock.now().astimezone(zone).date()
    lines = _lines(notices, zone, by_person=by_person)
    by_day = groupby(lines, key=lambda line: line.notice.created_at.astimezone(zone).date())
    return [Day(_name(day, today), day, list(those)) for day, those in by_day]


def _name(day: date, today: date) -> str:
    """Empty for a day that has a date alone."""
    return {0: gettext("Today"), 1: gettext("Yesterday")}.get((today - day).days, "")


def _lines(notices: Sequence[Notice], zone: tzinfo, *, by_person: bool) -> list[Line]:
    about = {notice.object_id for notice in notices if notice.kind in (APPROVAL_NEEDED, APPROVAL_DECIDED)}
    approvals = {each.public_id: each for each in Approval.objects.filter(public_id__in=about)}
    comments = _comments(approvals.values(), by_person=by_person)
    return [_line(each, approvals.get(each.object_id), comments.get(each.object_id, ""), zone) for each in notices]


def _comments(approvals: Collection[Approval], *, by_person: bool) -> dict[str, str]:
    """By public ids of approvals."""
    said = [each for each in approvals if each.comment]
    names = {} if by_person else names_of(said)
    return {
        each.public_id: str(redacted(each.comment, personal=not by_person, names=names.get(each.public_id, ())))
        for each in said
    }


def _line(notice: Notice, approval: Approval | None, comment: str, zone: tzinfo) -> Line:
    return Line(
        notice=notice,
        words=words(notice, zone),
        url=page_of(notice),
        reference=reference_of(notice),
        decided=_decided(approval) if approval else "",
        comment=comment,
    )


def _decided(approval: Approval) -> str:
    if approval.decision == Decision.PENDING:
        return ""
    decision = approval.get_decision_display()
    if not approval.decided_by:
        return decision
    return gettext("%(decision)s by %(person)s") % {"decision": decision, "person": approval.decided_by}
