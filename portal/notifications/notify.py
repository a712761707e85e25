"""Writes notices down, each once, and hands on what goes out by mail."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from billing import clock
from billing.notes.models import Audience
from billing.outbox.publish import Fact, publish
from billing.queue.nudge import nudge
from portal.accounts.user import User
from portal.notifications.kinds import KINDS
from portal.notifications.models import Channel, Notice, NoticeChoice, NoticeMail
from portal.notifications.recipients import Recipient

QUEUE = "notice mails"
CHANGED = "notice.changed"
_Key = tuple[int, int | None, str]


@dataclass(frozen=True, slots=True)
class News:
    """What several people are told. ``facts`` as in Notice."""

    kind: str
    merchant_id: int
    livemode: bool
    object_id: str
    recipients: Collection[Recipient]
    facts: Mapping[str, Any] = field(default_factory=dict)


def notify(news: Iterable[News]) -> list[Notice]:
    """The notices that are new, in the caller's transaction; who was told before is told nothing again."""
    pairs = [(each, recipient) for each in news for recipient in each.recipients]
    channels = _channels_of(pairs)
    wanted = [(_notice(each, recipient, channels), channels[_key(each, recipient)]) for each, recipient in pairs]
    wanted = [(notice, by) for notice, by in wanted if by]
    if not wanted:
        return []
    Notice.objects.bulk_create([notice for notice, _ in wanted], ignore_conflicts=True)
    by_id = {notice.public_id: by for notice, by in wanted}
    written = list(Notice.objects.filter(public_id__in=by_id).select_related("recipient"))
    mails = [NoticeMail(notice=notice) for notice in written if Channel.MAIL in by_id[notice.public_id]]
    if NoticeMail.objects.bulk_create(mails):
        nudge(QUEUE)
    tell(notice for notice in written if notice.shown)
    return written


def tell(notices: Iterable[Notice]) -> None:
    """Open pages of those whose notices these are hear that something is new, or read."""
    publish(
        Fact(
            CHANGED,
            notice.merchant_id,
            notice.livemode,
            notice.public_id,
            # What staff are told concerns nobody at the merchant.
            {"person": notice.recipient.public_id} | ({"audience": Audience.STAFF} if notice.as_staff else {}),
        )
        for notice in notices
    )


def mark_read(*, notices: Iterable[Notice]) -> int:
    """How many were unread until now. In a transaction of the caller's."""
    ids = [notice.pk for notice in notices]
    unread = list(
        Notice.objects.filter(pk__in=ids, read_at=None).select_related("recipient").select_for_update(of=("self",))
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in unread]).update(read_at=clock.now())
    tell(notice for notice in unread if notice.shown)
    return len(unread)


def channels_wanted(user: User, merchant_id: int | None, kind: str) -> frozenset[Channel]:
    """By what channels this person is told. ``merchant_id`` is None for what they are told as staff."""
    return _choices([(user.pk, merchant_id, kind)])[user.pk, merchant_id, kind]


def _channels_of(pairs: Sequence[tuple[News, Recipient]]) -> Mapping[_Key, frozenset[Channel]]:
    return _choices([_key(each, recipient) for each, recipient in pairs])


def _choices(keys: Collection[_Key]) -> Mapping[_Key, frozenset[Channel]]:
    users, merchants = {user for user, _, _ in keys}, {merchant for _, merchant, _ in keys}
    of_these = Q(merchant__in=merchants - {None}) | (Q(merchant=None) if None in merchants else Q(pk__in=[]))
    chosen: dict[_Key, dict[str, bool]] = defaultdict(dict)
    for row in NoticeChoice.objects.filter(of_these, user__in=users):
        chosen[row.user_id, row.merchant_id, row.kind][row.channel] = row.wanted
    return {key: _by(key, chosen[key]) for key in keys}


def _by(key: _Key, chosen: Mapping[str, bool]) -> frozenset[Channel]:
    _user, merchant, kind = key
    known = KINDS[kind]
    if known.mandatory:
        return frozenset(Channel)
    return frozenset(each for each in Channel if chosen.get(each, known.by(each, as_staff=merchant is None)))


def _key(news: News, recipient: Recipient) -> _Key:
    return recipient.user.pk, None if recipient.as_staff else news.merchant_id, news.kind


def _notice(news: News, recipient: Recipient, channels: Mapping[_Key, frozenset[Channel]]) -> Notice:
    return Notice(
        recipient=recipient.user,
        merchant_id=news.merchant_id,
        livemode=news.livemode,
        kind=news.kind,
        object_id=news.object_id,
        facts=dict(news.facts),
        as_staff=recipient.as_staff,
        shown=Channel.IN_APP in channels[_key(news, recipient)],
    )
