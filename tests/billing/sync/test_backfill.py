"""Reading a whole account from the processor."""

import json
from datetime import timedelta

import pytest
import time_machine

from billing import clock
from billing.audit.actor import SYSTEM
from billing.mirror import registry
from billing.payments.models import Payment, PaymentActivity
from billing.providers.base import Kind
from billing.providers.models import ConnectionStatus
from billing.queue.interrupted import Interrupted
from billing.queue.models import State
from billing.queue.registry import Queue, Work
from billing.queue.run import claim_and_run
from billing.sync.cancel import cancel_run
from billing.sync.models import FindingKind, RunEnd, RunKind, SyncCursor, SyncRun
from billing.sync.progress import remaining_seconds
from billing.sync.run import SYNC, take_step
from billing.sync.start import RunUnderWay
from tests.billing.sync.shop import Shop, finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A little of everything, some days old."""
    customer = shop.client.v1.customers.create({"name": "Lena Vogt"})
    shop.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    first = shop.pay(5_000)
    shop.pay(card="createDispute")
    shop.pay(card="createIssuerFraudRecord")
    shop.pay(card="riskLevelElevated")
    shop.refund(first, 1_200)
    shop.client.v1.invoices.create({"customer": customer.id})
    shop.passes(days=5)
    return shop


def test_every_object_is_here_as_the_processor_has_it(busy: Shop):
    run = busy.sync()
    assert (run.state, run.end, run.progress) == (State.DONE, RunEnd.COMPLETE, 1_000)
    assert busy.differences() == []
    counts = {kind: busy.rows(kind).count() for kind in registry.kinds()}
    assert all(counts.values()), counts
    assert {kind: told["made"] for kind, told in run.tally.items()} == counts
    assert busy.findings() == []


def test_payments_have_the_timeline_that_their_events_would_have_made(busy: Shop):
    busy.sync()
    payment = Payment.objects.get(account=busy.account, amount=5_000)
    lines = PaymentActivity.objects.filter(payment=payment).values_list("type", flat=True)
    assert {"payment_intent.created", "charge.succeeded", "refund.created"} <= set(lines)


def test_the_gap_finder_begins_where_the_reading_began(busy: Shop):
    began = busy.now
    busy.sync()
    cursor = SyncCursor.objects.get(account=busy.account)
    assert began - timedelta(seconds=2) <= cursor.complete_until <= began
    newest = busy.client.v1.balance_transactions.list({"limit": 1}).data[0]
    assert cursor.newest_movement == newest.id


def test_whatever_step_is_interrupted_it_goes_on_and_counts_nothing_twice(busy: Shop):
    tries: list[str] = []

    def interrupted(rows: list[SyncRun]) -> Work:
        work = take_step(rows)

        def settle(claimed: list[SyncRun]):
            verdicts = work(claimed)
            tries.append(claimed[0].phase)
            if len(tries) % 2:
                raise Interrupted("as if the worker had been killed before its commit")
            return verdicts

        return settle

    queue = Queue("sync", SyncRun, "asked_at", interrupted, batch=1, asks=True, by_turns=True)
    run = busy.start()
    finish(run, queue)
    assert run.end == RunEnd.COMPLETE
    assert len(tries) > 2 * len(registry.kinds())
    assert busy.differences() == []
    assert {kind: told["read"] for kind, told in run.tally.items()} == {
        kind: busy.rows(kind).count() for kind in registry.kinds()
    }


def test_a_second_reading_changes_nothing_and_finds_nothing(busy: Shop):
    busy.sync()
    run = busy.sync()
    assert sum(told["made"] + told["changed"] for told in run.tally.values()) == 0
    assert busy.findings() == []


def test_a_cancelled_run_stops_and_keeps_what_it_has(busy: Shop):
    run = busy.start()
    for _ in range(3):
        claim_and_run(SYNC)
    run.refresh_from_db()
    cancel_run(run=run, by=SYSTEM)
    finish(run)
    assert (run.state, run.end) == (State.DONE, RunEnd.CANCELLED)
    assert busy.rows(Kind.CUSTOMER).exists()
    assert not busy.rows(Kind.BALANCE_TRANSACTION).exists()
    assert not SyncCursor.objects.exists()
    busy.start()


def test_a_run_that_failed_and_waits_can_be_cancelled(shop: Shop):
    def broken(rows: list[SyncRun]) -> Work:
        raise RuntimeError("a mistake of ours")

    run = shop.start()
    claim_and_run(Queue("sync", SyncRun, "asked_at", broken, batch=1, asks=True))
    run.refresh_from_db()
    assert run.attempts == 1
    cancel_run(run=run, by=SYSTEM)
    finish(run, pauses=False)
    assert (run.state, run.end) == (State.DONE, RunEnd.CANCELLED)


def test_one_reading_at_a_time(busy: Shop):
    run = busy.start()
    with pytest.raises(RunUnderWay) as refused:
        busy.start()
    assert refused.value.run == run


def test_it_goes_on_by_time_when_the_object_where_it_stopped_is_gone(shop: Shop):
    made = []
    for name in ["oldest", "older", "newer", "newest"]:
        made.append(shop.client.v1.customers.create({"name": name}))
        shop.passes(seconds=10)
    run = shop.start()
    run.phase = Kind.CUSTOMER
    run.cursor = {"spot": {"after": "cus_gone", "created": made[2].created - 5}, "began": int(shop.now.timestamp())}
    run.save()
    finish(run)
    assert run.end == RunEnd.COMPLETE
    assert set(shop.rows(Kind.CUSTOMER).values_list("name", flat=True)) == {"oldest", "older"}


def test_an_unreadable_object_is_written_down_and_stops_nothing(shop: Shop):
    payment = shop.pay()
    shop.answers("/v1/charges*", {"object": "charge", "id": "ch_unreadable"}, {"object": "surprise", "id": "x_1"})
    run = shop.sync()
    assert run.end == RunEnd.COMPLETE
    assert run.tally[Kind.CHARGE]["unreadable"] == 2
    assert [(each.kind, each.object_id) for each in shop.findings()] == [
        (FindingKind.ABSENT, "ch_unreadable"),
        (FindingKind.ABSENT, "x_1"),
    ]
    assert shop.rows(Kind.INTENT).get().external_id == payment.id


def test_the_parent_of_a_child_is_asked_for(shop: Shop):
    payment = shop.pay(5_000)
    shop.passes(days=10)
    since = shop.now
    refund = shop.refund(payment, 700)
    run = shop.sync(since=since)
    assert run.end == RunEnd.COMPLETE
    assert shop.rows(Kind.REFUND).get().external_id == refund.id
    assert Payment.objects.get().external_id == payment.id
    assert Payment.objects.get().amount_refunded == 700


def test_a_child_whose_parent_nobody_knows_is_written_down(shop: Shop):
    payment = shop.pay()
    refund = shop.refund(payment, 100).to_dict()
    orphan = {**refund, "charge": "ch_nobody", "payment_intent": None}
    shop.answers("/v1/refunds", orphan)
    shop.breaks("error", "/v1/refunds/re_*", status=200, body=json.dumps(orphan))
    run = shop.sync()
    assert run.end == RunEnd.COMPLETE
    [found] = shop.findings()
    assert "ch_nobody" in found.cause
    assert (found.amount, found.currency) == (100, "EUR")


def test_a_child_that_the_processor_refuses_to_show_is_written_down(shop: Shop):
    refund = {**shop.refund(shop.pay(), 100).to_dict(), "charge": "ch_nobody", "payment_intent": None}
    shop.answers("/v1/refunds", refund)
    body = '{"error": {"type": "invalid_request_error", "message": "Not this one."}}'
    shop.breaks("error", "/v1/refunds/re_*", status=400, body=body)
    run = shop.sync()
    assert run.end == RunEnd.COMPLETE
    assert [(each.object_id, each.cause) for each in shop.findings()] == [
        (refund["id"], "The object cannot be read: Not this one.")
    ]


@pytest.mark.parametrize("fault", [{"kind": "rate_limit"}, {"kind": "error", "status": 503}, {"kind": "reset"}])
def test_a_processor_that_is_away_uses_up_no_try(shop: Shop, fault: dict):
    shop.pay()
    run = shop.start()
    claim_and_run(SYNC)
    run.refresh_from_db()
    phase = run.phase
    shop.breaks(path="/v1/*", times=4, **fault)
    claim_and_run(SYNC)
    run.refresh_from_db()
    assert (run.phase, run.state, run.attempts) == (phase, State.PENDING, 0)
    assert run.error
    assert run.next_attempt_at > clock.now()
    shop.simulator.control("DELETE", "/faults")
    finish(run)
    assert (run.end, shop.differences()) == (RunEnd.COMPLETE, [])


def test_what_the_key_may_not_read_is_left_out_and_named(shop: Shop):
    shop.pay()
    body = '{"error": {"type": "invalid_request_error", "message": "no rak_review_read"}}'
    shop.breaks("error", "/v1/reviews*", status=403, body=body, times=None)
    run = shop.sync()
    assert run.end == RunEnd.COMPLETE
    assert "rak_review_read" in run.tally[Kind.REVIEW]["refused"]


def test_a_key_that_may_not_read_the_account_itself_reads_all_else(busy: Shop):
    body = '{"error": {"type": "invalid_request_error", "message": "no rak_accounts_kyc_basic_read"}}'
    busy.breaks("error", "/v1/account", status=403, body=body, times=None)
    run = busy.sync()
    assert (run.end, busy.differences()) == (RunEnd.COMPLETE, [])


def test_children_of_what_may_not_be_read_are_written_down(shop: Shop):
    refund = shop.refund(shop.pay(5_000), 700)
    body = '{"error": {"type": "invalid_request_error", "message": "no rak_charge_read"}}'
    shop.breaks("error", "/v1/charges*", status=403, body=body, times=None)
    run = shop.sync()
    assert (run.end, run.tally[Kind.CHARGE]["read"]) == (RunEnd.COMPLETE, 0)
    assert [(each.object_id, each.amount) for each in shop.findings()] == [(refund.id, 700)]


def test_a_key_that_is_not_valid_ends_the_run(shop: Shop):
    body = '{"error": {"type": "invalid_request_error", "code": "api_key_expired", "message": "no"}}'
    shop.breaks("error", "/v1/*", status=401, body=body, times=None)
    run = shop.sync()
    assert (run.end, run.tally) == (RunEnd.FAILED, {"reason": "The key has expired."})


def test_an_account_that_was_disconnected_is_left_alone(busy: Shop):
    run = busy.start()
    claim_and_run(SYNC)
    busy.account.status, busy.account.api_key = ConnectionStatus.DISCONNECTED, None
    busy.account.save()
    finish(run)
    assert (run.state, run.end) == (State.DONE, RunEnd.CANCELLED)
    assert "disconnected" in run.tally["reason"]


def test_an_object_with_an_impossible_id_is_written_down(shop: Shop):
    shop.answers("/v1/charges", {"object": "charge", "id": "ch_\0\ud800"})
    run = shop.sync()
    assert run.end == RunEnd.COMPLETE
    assert [each.object_id for each in shop.findings()] == ["ch_\ufffd?"]


def test_from_a_date_on_only_what_is_younger_is_read(shop: Shop):
    shop.pay(1_000)
    shop.passes(days=40)
    since = shop.now
    payment = shop.pay(2_000)
    run = shop.sync(since=since)
    assert run.end == RunEnd.COMPLETE
    assert Payment.objects.get().external_id == payment.id
    assert SyncCursor.objects.get().complete_until


def test_a_run_that_always_fails_is_over_and_another_may_begin(shop: Shop):
    def broken(rows: list[SyncRun]) -> Work:
        raise RuntimeError("a mistake of ours")

    queue = Queue("sync", SyncRun, "asked_at", broken, batch=1, asks=True, failed=SYNC.failed)
    run = shop.start()
    finish(run, queue)
    assert (run.state, run.end) == (State.DEAD, RunEnd.FAILED)
    assert run.ended_at
    shop.start()


def test_payment_methods_are_read_by_customer_where_they_cannot_be_listed_at_once(busy: Shop):
    for number in range(3):
        customer = busy.client.v1.customers.create({"name": f"Customer {number}"})
        busy.client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    body = '{"error": {"type": "invalid_request_error", "message": "Missing: customer", "param": "customer"}}'
    busy.breaks("error", "/v1/payment_methods", status=400, body=body)
    run = busy.sync()
    assert (run.end, run.tally[Kind.PAYMENT_METHOD]["read"]) == (RunEnd.COMPLETE, 4)
    assert busy.rows(Kind.PAYMENT_METHOD).exclude(customer_id="").count() == 4


def test_a_customer_that_was_deleted_meanwhile_stops_no_reading_by_customer(busy: Shop):
    customers = [busy.client.v1.customers.create({"name": f"Customer {number}"}) for number in range(2)]
    busy.client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customers[1].id})
    busy.hears()
    # No event tells of it.
    busy.client.v1.customers.delete(customers[0].id)
    body = '{"error": {"type": "invalid_request_error", "message": "Missing: customer", "param": "customer"}}'
    busy.breaks("error", "/v1/payment_methods", status=400, body=body)
    run = busy.sync()
    assert (run.end, run.tally[Kind.PAYMENT_METHOD]["read"]) == (RunEnd.COMPLETE, 2)


def test_progress_goes_up_and_says_how_long_it_takes(busy: Shop):
    run, seen = busy.start(), []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        while claim_and_run(SYNC):
            run.refresh_from_db()
            seen.append(run.progress)
            traveller.shift(10)
            if not run.ended_at and run.progress:
                left = remaining_seconds(run, clock.now())
                assert left is not None
                assert left >= 0
    assert seen == sorted(seen)
    assert 0 <= seen[0] < 200
    assert seen[-1] == 1_000


def test_readings_of_two_accounts_take_turns(shop: Shop, busy: Shop):
    other = Shop(shop.simulator, f"{shop.key}other")
    runs = [busy.start(), other.start(RunKind.BACKFILL)]
    for _ in range(6):
        claim_and_run(SYNC)
    phases = []
    for run in runs:
        run.refresh_from_db()
        phases.append(run.phase)
    assert phases[0] == phases[1]
