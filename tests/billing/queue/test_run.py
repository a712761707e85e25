"""The engine of durable work, on a queue of its own making over a real table."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.queue import backoff
from billing.queue.claim import EXPIRED, FRESH, LeaseLost, claim, finish
from billing.queue.models import State
from billing.queue.registry import Done, Failure, Later, Parked, Queue, Verdict
from billing.queue.run import TryAgain, claim_and_run, run_row

pytestmark = pytest.mark.django_db

Rows = Sequence[OutboxEvent]


def rows(count: int) -> list[OutboxEvent]:
    made = [
        OutboxEvent(type="probe", object_id=str(number), created_at=clock.now(), merchant_id=1)
        for number in range(count)
    ]
    return OutboxEvent.objects.bulk_create(made)


def all_done(batch: Rows) -> dict[int, Verdict]:
    return {row.pk: Done() for row in batch}


def probe(work: Callable[[Rows], dict[int, Verdict]] = all_done, failures: list[Failure] | None = None) -> Queue:
    return Queue("probe", OutboxEvent, "created_at", work, failed=None if failures is None else failures.append)


def states() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("state", flat=True))


def expire_leases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_event SET lease_until = clock_timestamp() - interval '1 second'")


def test_new_rows_are_done_together():
    rows(3)
    sizes = []

    def work(batch):
        sizes.append(len(batch))
        return all_done(batch)

    assert claim_and_run(probe(work)) == 3
    assert sizes == [3]
    assert states() == [State.DONE] * 3
    assert claim_and_run(probe(work)) == 0


def test_a_row_that_fails_costs_no_other():
    bad = rows(3)[1]

    def work(batch):
        if bad.pk in {row.pk for row in batch}:
            raise ValueError("cannot be read")
        return all_done(batch)

    failures: list[Failure] = []
    claim_and_run(probe(work, failures))
    assert states() == [State.DONE, State.PENDING, State.DONE]
    bad.refresh_from_db()
    assert bad.error == "ValueError: cannot be read"
    assert [(failure.row_id, failure.number, failure.dead) for failure in failures] == [(bad.pk, 1, False)]
    assert "cannot be read" in failures[0].traceback


def test_a_batch_that_fails_holds_up_nobody_who_is_asked_to_stop(monkeypatch):
    monkeypatch.setattr("billing.queue.run._EACH_SECONDS", 0)
    made = rows(3)

    def work(batch):
        if len(batch) > 1:
            raise ValueError("one of them cannot be read")
        return all_done(batch)

    claim_and_run(probe(work))
    assert states() == [State.DONE, State.PENDING, State.PENDING]
    assert OutboxEvent.objects.filter(pk__in=[row.pk for row in made[1:]], attempts=0, lease_token=None).count() == 2
    for _ in range(2):
        claim_and_run(probe(work))
    assert states() == [State.DONE] * 3


def test_a_row_that_was_claimed_alone_is_tried_once():
    """A processor that does not answer would be waited for twice."""
    rows(1)
    tries = []

    def work(batch):
        tries.append(1)
        raise ValueError

    claim_and_run(probe(work))
    assert len(tries) == 1


def test_a_failed_try_leaves_no_effect():
    rows(1)

    def work(batch):
        OutboxEvent.objects.create(type="effect", object_id="x", created_at=clock.now())
        raise ValueError

    claim_and_run(probe(work))
    assert not OutboxEvent.objects.filter(type="effect").exists()


def test_eight_failures_make_a_dead_letter():
    row = rows(1)[0]

    def work(batch):
        raise ValueError("never")

    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        for _ in range(backoff.MAX_ATTEMPTS):
            assert claim_and_run(probe(work)) == 1
            when.shift(timedelta(hours=12))
        assert claim_and_run(probe(work)) == 0
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (State.DEAD, 8, "ValueError: never")


def test_a_failed_row_waits_for_its_backoff():
    rows(1)

    def work(batch):
        raise ValueError

    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        claim_and_run(probe(work))
        when.shift(timedelta(seconds=7))
        assert claim_and_run(probe()) == 0
        when.shift(timedelta(seconds=6))
        assert claim_and_run(probe()) == 1


def test_an_interruption_uses_up_no_attempt():
    row = rows(1)[0]

    def work(batch):
        raise TryAgain("somebody was faster")

    claim_and_run(probe(work))
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.PENDING, 0)


def test_an_interrupted_first_try_is_not_repeated_at_once():
    rows(1)

    def work(batch):
        raise TryAgain("somebody was faster")

    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        assert claim_and_run(probe(work)) == 1
        assert claim_and_run(probe(work)) == 0
        when.shift(timedelta(seconds=8))
        assert claim_and_run(probe()) == 1
    assert states() == [State.DONE]


@pytest.mark.parametrize("code", ["57014", "54000"])
def test_a_statement_that_asks_too_much_uses_up_attempts(code):
    row = rows(1)[0]

    def work(batch):
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'too much' USING ERRCODE = '{code}'; END $$")

    claim_and_run(probe(work))
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.PENDING, 1)


def test_an_error_may_quote_what_the_database_cannot_hold():
    row = rows(1)[0]

    def work(batch):
        raise ValueError("a\0b\ud800")

    failures: list[Failure] = []
    claim_and_run(probe(work, failures))
    row.refresh_from_db()
    assert row.error == "ValueError: a\ufffdb?"
    assert "\0" not in failures[0].traceback


def test_a_deadlock_is_tried_again_at_once():
    rows(1)
    tries = []

    def work(batch):
        tries.append(1)
        if len(tries) < 3:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
        return all_done(batch)

    claim_and_run(probe(work))
    assert len(tries) == 3
    assert states() == [State.DONE]


def test_other_database_errors_back_off():
    row = rows(1)[0]

    def work(batch):
        raise OperationalError("the server said no")

    claim_and_run(probe(work))
    row.refresh_from_db()
    assert row.state == State.PENDING
    assert row.next_attempt_at > clock.now()


def test_a_parked_row_waits_and_comes_back():
    row = rows(1)[0]
    verdicts: list[Verdict] = [Parked("no payment yet"), Done()]

    def work(batch):
        return {batch[0].pk: verdicts.pop(0)}

    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        claim_and_run(probe(work))
        row.refresh_from_db()
        assert (row.state, row.error) == (State.PARKED, "no payment yet")
        when.shift(timedelta(seconds=30))
        claim_and_run(probe(work))
    assert states() == [State.DONE]


def test_a_row_parked_for_three_days_is_a_dead_letter():
    row = rows(1)[0]
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as when:
        started = clock.now()
        while row.state != State.DEAD:
            claim_and_run(probe(lambda batch: {batch[0].pk: Parked("never")}))
            row.refresh_from_db()
            if row.state == State.PARKED:
                when.move_to(row.next_attempt_at)
        waited = clock.now() - started
    assert timedelta(hours=55) < waited < timedelta(hours=90)


def test_a_lease_that_ended_is_taken_over_alone():
    made = rows(3)
    claim(OutboxEvent, FRESH, limit=10, now=clock.now())
    assert claim_and_run(probe()) == 0
    expire_leases()
    sizes = []

    def work(batch):
        sizes.append(len(batch))
        return all_done(batch)

    assert claim_and_run(probe(work)) == 3
    assert sizes == [1, 1, 1]
    made[0].refresh_from_db()
    assert made[0].attempts == 2


def test_a_worker_whose_lease_ended_changes_nothing():
    rows(1)
    late = claim(OutboxEvent, FRESH, limit=1, now=clock.now())
    expire_leases()
    claim(OutboxEvent, EXPIRED, limit=1, now=clock.now())
    with pytest.raises(LeaseLost):
        finish(OutboxEvent, late, {late.ids[0]: Done()}, now=clock.now())
    assert states() == [State.LEASED]


def test_a_worker_that_is_overtaken_rolls_its_effect_back():
    rows(1)

    def work(batch):
        OutboxEvent.objects.create(type="effect", object_id="x", created_at=clock.now(), state=State.DONE)
        OutboxEvent.objects.filter(pk=batch[0].pk).update(lease_token=None)
        return all_done(batch)

    claim_and_run(probe(work))
    assert not OutboxEvent.objects.filter(type="effect").exists()


def test_a_row_that_kills_its_worker_each_time_is_given_up():
    row = rows(1)[0]
    failures: list[Failure] = []
    for _ in range(backoff.MAX_ATTEMPTS):
        assert claim(OutboxEvent, EXPIRED if row.attempts else FRESH, limit=1, now=clock.now()).ids
        expire_leases()
        row.refresh_from_db()
    claim_and_run(probe(failures=failures))
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.DEAD, 8)
    assert failures[0].dead
    assert row.error.startswith("WorkerDied")


def test_rows_that_kill_their_workers_do_not_keep_retries_from_being_run():
    killers, retry = rows(3), rows(1)[0]
    OutboxEvent.objects.filter(pk__in=[row.pk for row in killers]).update(
        state=State.LEASED, attempts=1, lease_until=clock.now() - timedelta(minutes=5)
    )
    OutboxEvent.objects.filter(pk=retry.pk).update(attempts=1, next_attempt_at=clock.now() - timedelta(seconds=1))

    class Killed(BaseException):
        pass

    def work(batch):
        if batch[0].pk != retry.pk:
            raise Killed
        return all_done(batch)

    with pytest.raises(Killed):
        claim_and_run(probe(work))
    retry.refresh_from_db()
    assert retry.state == State.DONE


def test_one_row_can_be_run_at_once():
    _, second = rows(2)
    assert run_row(probe(), second.pk)
    assert states() == [State.PENDING, State.DONE]
    assert not run_row(probe(), second.pk)


def test_verdicts_set_their_columns():
    row = rows(1)[0]
    claim_and_run(probe(lambda batch: {batch[0].pk: Done({"object_id": "changed"})}))
    row.refresh_from_db()
    assert row.object_id == "changed"


def test_by_turns_a_row_that_goes_on_lets_the_others_in():
    rows(3)
    turns = []

    def work(batch):
        turns.append(batch[0].object_id)
        return {batch[0].pk: Later()}

    queue = Queue("probe", OutboxEvent, "created_at", work, batch=1, by_turns=True)
    for _ in range(6):
        claim_and_run(queue)
    assert turns == ["0", "1", "2"] * 2


def test_a_row_that_got_somewhere_may_have_its_tries_back():
    [row] = rows(1)
    for _ in range(3 * backoff.MAX_ATTEMPTS):
        # A worker takes it and is killed; the next one gets on with it.
        claim(OutboxEvent, FRESH, limit=1, now=clock.now())
        expire_leases()
        claim_and_run(probe(lambda batch: {batch[0].pk: Later(columns={"attempts": 0})}))
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.PENDING, 0)
