"""Tags put on payments and taken off again."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.audit.models import AuditEvent
from billing.outbox.models import OutboxEvent
from billing.tags.change import Tagged, add_tag, remove_tag
from billing.tags.models import MOST, PaymentTag
from billing.tags.move import move_tags
from billing.tags.queries import known_tags, tags_on
from billing.tags.word import TagMalformed
from tests.billing.factories import TESTER, make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant():
    return make_merchant()


@pytest.fixture
def tag(merchant):
    def change(word, *payments, do=add_tag, livemode=True):
        return do(merchant=merchant, livemode=livemode, payments=payments, word=word, by=TESTER)

    return change


def test_a_tag_is_put_on_once(tag):
    assert tag("VIP", "pay_1", "pay_2") == Tagged(asked=2, changed=2)
    assert tag("vip", "pay_2", "pay_3") == Tagged(asked=2, changed=1)
    assert tags_on(["pay_1", "pay_2", "pay_3", "pay_4"]) == {name: ["vip"] for name in ("pay_1", "pay_2", "pay_3")}


def test_a_tag_is_taken_off_where_it_is(tag):
    tag("vip", "pay_1", "pay_2")
    tag("late", "pay_1")
    assert tag("Vip", "pay_1", "pay_3", do=remove_tag) == Tagged(asked=2, changed=1)
    assert tags_on(["pay_1", "pay_2"]) == {"pay_1": ["late"], "pay_2": ["vip"]}


def test_a_payment_has_so_many_tags_and_no_more(tag):
    for number in range(MOST):
        tag(f"t{number}", "pay_1")
    assert tag("more", "pay_1", "pay_2") == Tagged(asked=2, changed=1, full=1)
    assert tag("t0", "pay_1") == Tagged(asked=1, changed=0)
    assert len(tags_on(["pay_1"])["pay_1"]) == MOST


def test_one_act_leaves_one_row_with_all_that_it_touched(merchant, tag):
    tag("vip", "pay_1")
    tag("vip", "pay_1", "pay_2", "pay_3")
    tag("vip", "pay_2", do=remove_tag)
    tag("vip", "pay_2", do=remove_tag)
    rows = AuditEvent.objects.filter(merchant_id=merchant.pk, object_type="tag").order_by("seq")
    assert [(row.action, row.object_id, row.after["payments"]) for row in rows] == [
        ("tag.added", "vip", ["pay_1"]),
        ("tag.added", "vip", ["pay_2", "pay_3"]),
        ("tag.removed", "vip", ["pay_2"]),
    ]
    assert rows[1].after["count"] == 2
    told = OutboxEvent.objects.filter(type="payment.tagged").order_by("pk").values_list("object_id", flat=True)
    assert list(told) == ["pay_1", "pay_2", "pay_3", "pay_2"]


def test_a_word_that_is_none_changes_nothing(tag):
    for change in (add_tag, remove_tag):
        with pytest.raises(TagMalformed):
            tag("two words", "pay_1", do=change)
    assert not PaymentTag.objects.exists()
    assert not AuditEvent.objects.filter(object_type="tag").exists()


def test_merchants_and_modes_stay_apart(merchant, tag):
    tag("vip", "pay_live")
    tag("vip", "pay_test", livemode=False)
    other = make_merchant()
    add_tag(merchant=other, livemode=True, payments=["pay_theirs"], word="theirs", by=TESTER)
    assert known_tags(merchant, True) == ["vip"]
    assert known_tags(other, True) == ["theirs"]
    assert remove_tag(merchant=other, livemode=True, payments=["pay_live"], word="vip", by=TESTER).changed == 0
    assert tags_on(["pay_live", "pay_test"]) == {"pay_live": ["vip"], "pay_test": ["vip"]}


def test_tags_go_along_when_a_payment_goes_on_under_another_id(merchant, tag):
    tag("vip", "pay_old", "pay_new")
    tag("late", "pay_old")
    move_tags(merchant_id=merchant.pk, livemode=True, old="pay_old", new="pay_new")
    assert tags_on(["pay_old", "pay_new"]) == {"pay_new": ["late", "vip"]}


def test_the_database_refuses_a_tag_twice_and_in_capitals(merchant):
    fields = {"merchant": merchant, "livemode": True, "payment": "pay_1"}
    PaymentTag.objects.create(word="vip", **fields)
    for word in ("vip", "VIP", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentTag.objects.create(word=word, **fields)


def test_a_thousand_payments_cost_as_many_statements_as_one(tag):
    counts = set()
    for many in (1, 1000):
        with CaptureQueriesContext(connection) as captured:
            assert tag("vip", *(f"pay_{many}_{number}" for number in range(many))).changed == many
        counts.add(len(captured))
    assert len(counts) == 1
