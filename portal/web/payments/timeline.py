"""What happened to a payment, told in plain words from the processor's events and answers."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.payments.activity import REPAIRED
from billing.payments.models import PaymentActivity
from billing.payments.queries import PaymentRecord
from billing.refunds.released import Release
from billing.webhooks.handlers import Source
from portal.web.payments.follow_up_words import Told, follow_up_words, kind_of
from portal.web.payments.payment_words import Story, payment_words, story_of
from portal.web.payments.repairs import MONEY, repair_words

# Within one second the processor's times do not tell what came first.
_SEQUENCE = (
    *("payment_intent.created", "payment_intent.requires_action", "payment_intent.processing", "charge.pending"),
    *("charge.failed", "payment_intent.payment_failed", "charge.succeeded", "review.opened"),
    *("payment_intent.amount_capturable_updated", "review.closed", "charge.captured", "payment_intent.succeeded"),
    *("charge.updated", "radar.early_fraud_warning.created", "charge.expired", "refund.created", "charge.refunded"),
    *("refund.updated", "charge.refund.updated", "refund.failed", "radar.early_fraud_warning.updated"),
    *("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.closed"),
    *("charge.dispute.funds_reinstated", "payment_intent.canceled", REPAIRED),
)
_RANK = {name: rank for rank, name in enumerate(_SEQUENCE)}
_SOURCES: Mapping[str, str | Promise] = {
    Source.EVENT: _("Processor"),
    Source.BACKFILL: _("Read from the processor"),
    Source.REFETCH: _("Asked the processor"),
    Source.DRIFT: _("Compared with the processor"),
    Source.ANSWER: _("The processor's answer"),
}
# So many events of one line are named.
_NAMED = 3


class Kind(StrEnum):
    """What a reader of the timeline may narrow it to."""

    MONEY = "money"
    PEOPLE = "people"


# Of the payment itself; whatever becomes of a refund or a dispute is about money, too.
_MOVES = frozenset(
    {"charge.succeeded", "charge.captured", "charge.refunded", "charge.expired", "payment_intent.succeeded"}
)


@dataclass(slots=True)
class Line:
    """One line of the timeline. ``events`` are the ids of those that it tells of, ours and the processor's, oldest
    first; ``about`` is the processor's id of what was asked for, where no event told it; ``quote`` is what somebody
    wrote, as far as the reader may know it."""

    family: str
    icon: str
    what: str
    at: datetime
    source: str | Promise
    about: str = ""
    quote: str = ""
    kind: Kind | None = None
    events: list[tuple[str, str]] = field(default_factory=list)

    @property
    def named(self) -> list[tuple[str, str]]:
        return self.events[:_NAMED]

    @property
    def unnamed(self) -> int:
        return len(self.events) - len(self.named)


def tell(record: PaymentRecord, *, zone: tzinfo, releases: Mapping[str, Release]) -> list[Line]:
    """Newest first. What several events tell alike is one line that names them all. ``releases`` are those refunds that
    gave nothing back, by the processor's ids."""
    oldest_first = sorted(
        _once(record.activity), key=lambda line: (line.occurred_at, _RANK.get(line.type, len(_RANK)), line.pk)
    )
    teller = _Teller(
        story_of(oldest_first, record.attempts, releases),
        provider=record.payment.account.get_provider_display(),
        zone=zone,
    )
    for activity in oldest_first:
        teller.hear(activity)
    return teller.lines[::-1]


def weave(lines: Sequence[Line], others: Iterable[Line]) -> list[Line]:
    """Newest first. ``lines`` keep the order among themselves, which knows more than their times."""
    by_time = sorted(others, key=lambda line: line.at, reverse=True)
    return list(heapq.merge(by_time, lines, key=lambda line: line.at, reverse=True))


class _Teller:
    """Turns activities, oldest first, into lines; what says nothing new joins the line that said it."""

    def __init__(self, story: Story, *, provider: str, zone: tzinfo) -> None:
        self.lines: list[Line] = []
        self._story, self._provider, self._zone = story, provider, zone
        self._seen: dict[str, str] = {}
        self._newest: dict[str, Line] = {}
        self._early: dict[str, list[PaymentActivity]] = defaultdict(list)

    def hear(self, activity: PaymentActivity) -> None:
        kind = kind_of(activity.type)
        if kind:
            told = follow_up_words(activity, kind, self._seen.get(activity.object_id), self._story.releases)
            self._seen[activity.object_id] = activity.status
        else:
            told = self._of_payment(activity)
        topics = _topics(activity, kind)
        if told is not None:
            self._tell(activity, told, topics)
        elif topics and topics[0] in self._newest:
            _join(self._newest[topics[0]], activity)
        elif topics:
            self._early[topics[0]].append(activity)

    def _of_payment(self, activity: PaymentActivity) -> Told | None:
        if activity.type == REPAIRED:
            family = "info" if activity.source == Source.REFETCH else "special"
            return family, "refresh", repair_words(activity, provider=self._provider, zone=self._zone)
        return payment_words(activity, self._story)

    def _tell(self, activity: PaymentActivity, told: Told, topics: Sequence[str]) -> None:
        line = Line(*told, at=activity.occurred_at, source=_SOURCES.get(activity.source, _SOURCES[Source.EVENT]))
        if _is_about_money(activity):
            line.kind = Kind.MONEY
        if activity.event is None:
            line.about = activity.object_id or activity.charge_id
        self.lines.append(line)
        _join(line, activity)
        for topic in topics:
            self._newest[topic] = line
            for early in self._early.pop(topic, ()):
                _join(line, early)


def _is_about_money(activity: PaymentActivity) -> bool:
    if activity.type == REPAIRED:
        return any(name in MONEY for name, _before, _after in activity.changes)
    return kind_of(activity.type) in ("refund", "dispute") or activity.type in _MOVES


def _topics(activity: PaymentActivity, kind: str) -> list[str]:
    """What a line is about, and what it is found by: a refund also by its charge, whose own event tells it again."""
    if kind == "refund":
        return [activity.object_id, f"refunds of {activity.charge_id}"]
    if activity.type == "charge.refunded":
        return [f"refunds of {activity.charge_id}"]
    return [activity.object_id] if kind else []


def _join(line: Line, activity: PaymentActivity) -> None:
    if activity.event is not None:
        line.events.append((activity.event.public_id, activity.event.external_id))


def _once(activities: Sequence[PaymentActivity]) -> list[PaymentActivity]:
    """Without what was first read from the processor and then told by the event of the same."""
    by_event = {_same(each) for each in activities if each.event is not None}
    return [each for each in activities if each.event is not None or _same(each) not in by_event]


def _same(activity: PaymentActivity) -> tuple[str, str, str]:
    return activity.type, activity.charge_id, activity.object_id
