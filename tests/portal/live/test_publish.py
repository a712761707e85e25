"""What a signal names, and who hears it."""

from billing.outbox import subscribe
from billing.outbox.models import OutboxEvent
from portal.live.publish import STAFF, channel, topics_of


def changed(type_, object_id, **fields):
    return OutboxEvent(type=type_, object_id=object_id, **{"merchant_id": 7, **fields})


def test_what_belongs_to_a_payment_signals_the_payments_page_and_no_list_of_payments():
    topics = topics_of([changed("refund.changed", "ref_1", payload={"payment": "pay_9"})])
    assert topics == {channel(7, False): {"ref", "ref_1", "pay_9"}, STAFF: {"ref"}}


def test_merchants_and_modes_hear_of_their_own():
    topics = topics_of(
        [
            changed("payment.changed", "pay_1"),
            changed("payment.changed", "pay_2", merchant_id=8),
            changed("payment.changed", "pay_3", livemode=True),
            changed("webhook.dead", "whk_1", merchant_id=None),
        ]
    )
    assert topics == {
        channel(7, False): {"pay", "pay_1"},
        channel(8, False): {"pay", "pay_2"},
        channel(7, True): {"pay", "pay_3"},
        STAFF: {"pay", "whk"},
    }


def test_changes_of_all_that_a_payments_page_shows_are_signalled():
    for kind in ("payment", "refund", "dispute", "warning", "review"):
        assert "portal.live.publish.signal_pages" in subscribe.of(f"{kind}.changed")
