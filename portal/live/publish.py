"""Turn our own events into signals for open pages. A signal says what changed and carries no data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import redis
from django.conf import settings

from billing.notes.models import Audience
from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber

STAFF = "live:ops"
_OF_PAYMENTS = ("payment.changed", "payment.tagged")
_OF_A_PAYMENT = (
    *("command.changed", "refund.changed", "receipt.changed"),
    *("dispute.changed", "warning.changed", "review.changed"),
)
_OF_A_BALANCE = ("balance_transaction.changed", "payout.changed")
_OF_A_CUSTOMER = ("customer.changed", "payment_method.changed")
_OTHERS = ("webhook.dead", "connection.changed", "note.added", "approval.changed", "notice.changed")
# What a fact belongs to stands under one of these; the page of that tells of it. Payments know their customer by the
# processor's id alone. A notice belongs to whom it tells.
_OWNERS = ("payment", "batch", "customer", "customer_external_id", "person")
# Kinds of which one object has a page of staff, and staff themselves.
_STAFF_PAGES = ("pay", "ref", "cap", "can", "apr", "usr")


# For so long a channel remembers when it last carried a signal.
REMEMBERED_SECONDS = 3_600


def channel(merchant_id: int, livemode: bool) -> str:
    return f"live:{merchant_id}:{int(livemode)}"


def mark_of(name: str) -> str:
    """The key whose age is that of the channel's last signal."""
    return f"{name}:last"


@subscriber(*_OF_PAYMENTS, *_OF_A_PAYMENT, *_OF_A_BALANCE, *_OF_A_CUSTOMER, *_OTHERS)
def signal_pages(events: Sequence[OutboxEvent]) -> None:
    """One message a channel with the topics that changed. A page that misses it asks again by itself."""
    if not settings.REDIS_URL:
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.2, socket_timeout=1) as client:
            pipeline = client.pipeline(transaction=False)
            for name, changed in topics_of(events).items():
                pipeline.set(mark_of(name), "", ex=REMEMBERED_SECONDS)
                pipeline.publish(name, " ".join(sorted(changed)))
            pipeline.execute()
    except redis.RedisError:
        # Pages poll while Redis is away; keeping old signals for its return would help nobody.
        return


def topics_of(events: Sequence[OutboxEvent]) -> Mapping[str, set[str]]:
    """By channel: the kinds of what changed, the ids that pages of one object listen to, and for what belongs to a
    payment or a customer the id of that, because its page tells of it. Staff hear of what has a page of theirs, and
    alone of what is for staff."""
    topics: dict[str, set[str]] = defaultdict(set)
    for event in events:
        kind = _kind(event.object_id)
        owners = {event.payload[owner] for owner in _OWNERS if owner in event.payload}
        topics[STAFF].update({kind} | {each for each in {event.object_id} | owners if _kind(each) in _STAFF_PAGES})
        if event.merchant_id is not None and event.payload.get("audience") != Audience.STAFF:
            heard = topics[channel(event.merchant_id, event.livemode)]
            heard.update({kind, event.object_id} | owners)
    return topics


def _kind(public_id: str) -> str:
    return public_id.partition("_")[0]
