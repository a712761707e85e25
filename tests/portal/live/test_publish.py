"""What a signal names, and who hears it."""

from billing.outbox import subscribe
from billing.outbox.models import OutboxEvent
from portal.live.publish import STAFF, channel, topics_of


def changed(type_, object_id, **fields):
    return OutboxEvent(type=type_, object_id=object_id, **{"merchant_id": 7, **fields})


def test_what_belongs_to_a_payment_signals_the_payments_page_and_no_list_of_payments():
    topics = topics_of([changed("refund.changed", "ref_1", payload={"payment": "pay_9"})])
    assert topics == {channel(7, False): {"ref", "ref_1", "pay_9"}, STAFF: {"ref", "ref_1", "pay_9"}}


def test_what_a_customer_did_signals_the_customers_page():
    topics = topics_of(
        [
            changed("payment.changed", "pay_9", payload={"customer_external_id": "cus_4"}),
            changed("refund.changed", "ref_1", payload={"payment": "pay_9", "customer_external_id": "cus_4"}),
            changed("payment_method.changed", "pmt_2", payload={"customer_external_id": "cus_5"}),
        ]
    )
    heard = {"pay", "pay_9", "ref", "ref_1", "pmt", "pmt_2", "cus_4", "cus_5"}
    assert topics == {channel(7, False): heard, STAFF: {"pay", "pay_9", "ref", "ref_1", "pmt"}}


def test_a_note_signals_the_page_of_what_it_is_about():
    topics = topics_of(
        [
            changed("note.added", "note_1", payload={"payment": "pay_9", "audience": "merchant_and_staff"}),
            changed("note.added", "note_2", payload={"customer": "cst_4", "audience": "merchant_and_staff"}),
        ]
    )
    assert topics == {
        channel(7, False): {"note", "note_1", "note_2", "pay_9", "cst_4"},
        STAFF: {"note", "pay_9"},
    }


def test_merchants_do_not_even_hear_that_staff_wrote_for_staff():
    topics = topics_of([changed("note.added", "note_1", payload={"payment": "pay_9", "audience": "staff"})])
    assert topics == {STAFF: {"note", "pay_9"}}


def test_a_notice_signals_the_pages_of_whom_it_tells():
    topics = topics_of([changed("notice.changed", "ntc_1", payload={"person": "usr_3"})])
    assert topics == {channel(7, False): {"ntc", "ntc_1", "usr_3"}, STAFF: {"ntc", "usr_3"}}


def test_merchants_do_not_hear_what_staff_are_told():
    topics = topics_of([changed("notice.changed", "ntc_1", payload={"person": "usr_3", "audience": "staff"})])
    assert topics == {STAFF: {"ntc", "usr_3"}}


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
        STAFF: {"pay", "pay_1", "pay_2", "pay_3", "whk"},
    }


def test_changes_of_all_that_pages_show_are_signalled():
    kinds = ("payment", "refund", "dispute", "warning", "review", "customer", "payment_method")
    changes = [f"{kind}.changed" for kind in kinds]
    for name in (*changes, "note.added", "notice.changed"):
        assert "portal.live.publish.signal_pages" in subscribe.of(name)
