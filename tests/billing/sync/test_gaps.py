"""Events that never came: found in the processor's list, brought here, and written down."""

import json
from datetime import timedelta

import pytest

from billing.payments.models import Payment
from billing.providers.base import Kind
from billing.queue.models import State
from billing.sync.gaps import GRACE
from billing.sync.models import FindingKind, RunEnd, RunKind, SyncCursor, SyncRun
from billing.webhooks.models import Origin, WebhookEvent
from tests.billing.deliveries import deliver, event, process_all
from tests.billing.sync.shop import Shop, finish

pytestmark = pytest.mark.django_db


def complete_until(shop: Shop):
    return SyncCursor.objects.get(account=shop.account).complete_until


def test_an_event_that_never_came_is_imported_and_written_down(known: Shop):
    payment = known.pay(4_200)
    known.passes(minutes=5)
    known.hears(unless=lambda type_: type_ == "charge.succeeded")
    run = known.sync(RunKind.GAPS)
    assert run.end == RunEnd.COMPLETE
    process_all()
    [found] = known.findings()
    imported = WebhookEvent.objects.get(origin=Origin.IMPORTED)
    assert (found.kind, found.event_type, found.object_id) == (
        FindingKind.MISSING,
        "charge.succeeded",
        payment.latest_charge,
    )
    assert (found.amount, found.currency) == (4_200, "EUR")
    assert (found.event, found.repair) == (imported, f"Imported as {imported.public_id}.")
    assert found.event_external_id == imported.external_id
    assert "counts it as delivered" in found.cause or "could not deliver" in found.cause
    assert found.repaired_at
    assert imported.headers == {"from": "the processor's list of events"}
    assert imported.state == State.DONE
    assert known.rows(Kind.CHARGE).get().amount == 4_200


def test_a_silence_is_brought_here_whole(known: Shop):
    first = known.pay(5_000)
    known.refund(first, 1_000)
    known.pay(card="createDispute")
    known.passes(minutes=5)
    known.sync(RunKind.GAPS)
    known.settle()
    assert known.differences() == []
    assert {each.kind for each in known.findings()} == {FindingKind.MISSING}
    assert all(each.amount for each in known.findings())


def test_nothing_is_missing_when_everything_came(known: Shop):
    known.pay()
    known.client.v1.products.create({"name": "Nothing here listens to it"})
    known.passes(minutes=5)
    known.hears()
    run = known.sync(RunKind.GAPS)
    assert known.findings() == []
    assert run.tally["events"]["read"] > 0
    assert run.tally["events"]["imported"] == 0


def test_a_young_event_may_still_be_on_its_way(known: Shop):
    known.pay()
    known.passes(seconds=GRACE.total_seconds() - 20)
    known.sync(RunKind.GAPS)
    assert known.findings() == []
    assert not WebhookEvent.objects.exists()
    assert complete_until(known) < known.now - GRACE + timedelta(seconds=2)
    known.passes(minutes=5)
    known.sync(RunKind.GAPS)
    assert {each.event_type for each in known.findings()} >= {"payment_intent.succeeded", "charge.succeeded"}


def test_a_second_search_finds_nothing_twice(known: Shop):
    known.pay()
    known.passes(minutes=5)
    known.sync(RunKind.GAPS)
    count = len(known.findings())
    known.sync(RunKind.GAPS)
    assert len(known.findings()) == count > 0


def test_each_search_begins_a_little_before_the_end_of_the_last(known: Shop):
    known.pay()
    known.passes(hours=3)
    known.sync(RunKind.GAPS)
    at_end = complete_until(known)
    assert known.now - GRACE - timedelta(seconds=3) <= at_end <= known.now - GRACE
    # Listed late, though it happened before that.
    WebhookEvent.objects.all().delete()
    known.findings()
    run = known.sync(RunKind.GAPS)
    assert run.tally["events"]["read"] == 0


def test_what_happened_before_the_first_reading_is_not_missing(shop: Shop):
    shop.pay()
    shop.passes(seconds=30)
    shop.sync(RunKind.BACKFILL)
    shop.passes(minutes=5)
    shop.sync(RunKind.GAPS)
    assert shop.findings() == []
    assert shop.rows(Kind.CHARGE).count() == 1


def test_the_processor_says_when_it_could_not_deliver(known: Shop):
    endpoint = {"url": "http://127.0.0.1:9/nobody", "enabled_events": ["payment_intent.succeeded"]}
    known.client.v1.webhook_endpoints.create(endpoint)
    known.pay()
    known.simulator.control("POST", "/deliveries/settle")
    known.passes(minutes=5)
    known.sync(RunKind.GAPS)
    causes = {each.event_type: each.cause for each in known.findings()}
    assert causes["payment_intent.succeeded"] == "The processor could not deliver it."
    assert causes["charge.succeeded"] == "The processor counts it as delivered, and it never came here."


def test_a_dead_letter_is_written_down_once_and_mended_later(known: Shop):
    letter = deliver(known.account, event("charge.succeeded", {"object": "charge", "id": "ch_1"}))
    WebhookEvent.objects.filter(pk=letter.pk).update(state=State.DEAD, error="it went wrong")
    for _ in range(2):
        known.sync(RunKind.GAPS)
    [found] = known.findings()
    assert (found.kind, found.event, found.cause) == (FindingKind.FAILED, letter, "it went wrong")
    assert found.repaired_at is None
    WebhookEvent.objects.filter(pk=letter.pk).update(state=State.DONE, processed_at=known.now)
    known.sync(RunKind.GAPS)
    [found] = known.findings()
    assert found.repaired_at == known.now


def test_an_event_that_cannot_be_read_stops_no_search(known: Shop):
    known.pay()
    known.passes(minutes=5)
    odd = {"id": "evt_odd", "object": "v2.core.event", "created": "2026-11-20"}
    real = json.loads(known.events()[0].body)
    known.answers("/v1/events", real, odd)
    known.sync(RunKind.GAPS)
    found = {each.event_external_id: each.kind for each in known.findings()}
    assert found == {"evt_odd": FindingKind.FAILED, real["id"]: FindingKind.MISSING}
    known.answers("/v1/events", odd)
    known.sync(RunKind.GAPS)
    assert len(known.findings(event_external_id="evt_odd")) == 1


def test_many_events_are_read_over_several_steps(known: Shop):
    for number in range(30):
        known.client.v1.customers.create({"name": f"Customer {number}"})
    known.passes(minutes=5)
    known.breaks("rate_limit", "/v1/events", times=2)
    run = known.sync(RunKind.GAPS)
    assert (run.end, run.attempts) == (RunEnd.COMPLETE, 1)
    assert len(known.findings()) == 30


def test_before_the_first_reading_there_is_nothing_to_search_from(shop: Shop):
    shop.pay()
    run = shop.sync(RunKind.GAPS)
    assert run.end == RunEnd.CANCELLED
    assert shop.findings() == []


def test_after_thirty_one_days_objects_are_read_instead(shop: Shop):
    """Everything of the silence is here afterwards, each with its amount, and what came before it is no finding."""
    before = shop.pay(5_000)
    stuck = shop.client.v1.payment_intents.create({"amount": 900, "currency": "eur"})
    shop.pay(1_100)
    shop.passes(days=200)
    shop.sync()
    silent_since = complete_until(shop)
    inside = shop.pay(7_000)
    shop.client.v1.payment_intents.cancel(stuck.id)
    shop.refund(before, 1_300)
    shop.passes(days=31)
    gap = shop.sync(RunKind.GAPS)
    assert "longer than" in gap.tally["reason"]
    run = SyncRun.objects.get(kind=RunKind.BACKFILL, since__isnull=False)
    assert (run.since, run.end) == (silent_since - timedelta(days=90), RunEnd.COMPLETE)
    assert shop.differences() == []
    found = {(each.kind, each.object_type, each.object_id, each.field) for each in shop.findings()}
    assert (FindingKind.DIFFERENT, "intent", stuck.id, "status") in found
    assert (FindingKind.ABSENT, "intent", inside.id, "") in found
    assert (FindingKind.ABSENT, "charge", inside.latest_charge, "") in found
    assert (FindingKind.DIFFERENT, "charge", before.latest_charge, "amount_refunded") in found
    assert {each.amount for each in shop.findings(object_type="charge")} >= {7_000, 5_000}
    assert all(each.amount for each in shop.findings() if each.object_type != "payout")
    assert complete_until(shop) > shop.now - timedelta(minutes=1)
    assert Payment.objects.get(external_id=before.id).amount_refunded == 1_300


def test_what_was_only_on_its_way_is_no_finding(shop: Shop):
    shop.sync()
    shop.passes(days=1)
    payment = shop.pay()
    run = shop.start(since=shop.now - timedelta(days=2))
    finish(run, pauses=False)
    assert (run.phase, run.end) == ("confirm", "")
    assert {each.object_id for each in shop.findings()} >= {payment.id}
    shop.hears()
    finish(run)
    assert run.end == RunEnd.COMPLETE
    assert shop.findings() == []


def test_movements_come_with_the_search(known: Shop):
    known.pay()
    known.hears()
    assert not known.rows(Kind.BALANCE_TRANSACTION).exists()
    known.sync(RunKind.GAPS)
    first = known.rows(Kind.BALANCE_TRANSACTION).get()
    assert SyncCursor.objects.get().newest_movement == first.external_id
    for _ in range(3):
        known.pay()
    known.sync(RunKind.GAPS)
    assert known.rows(Kind.BALANCE_TRANSACTION).count() == 4
    newest = known.client.v1.balance_transactions.list({"limit": 1}).data[0]
    assert SyncCursor.objects.get().newest_movement == newest.id


def test_the_first_movement_of_an_account_may_be_old(known: Shop):
    known.pay()
    known.passes(hours=1)
    known.sync(RunKind.GAPS)
    assert known.rows(Kind.BALANCE_TRANSACTION).count() == 1


@pytest.mark.parametrize("count", [2, 12])
def test_movements_that_became_available_are_read_again(known: Shop, count: int):
    for _ in range(count):
        known.pay()
    known.sync(RunKind.GAPS)
    rows = known.rows(Kind.BALANCE_TRANSACTION).exclude(type="payout")
    assert set(rows.values_list("status", flat=True)) == {"pending"}
    known.passes(days=7)
    known.sync(RunKind.GAPS)
    assert set(rows.values_list("status", flat=True)) == {"available"}
    assert json.dumps(SyncRun.objects.latest("pk").cursor)
