"""A processor that does not answer is left alone, and asked again one call at a time."""

import threading

import pytest

from billing.providers.base import ProviderDeclined, ProviderUnavailable
from billing.providers.breaker import FAILURES, FIRST_SECONDS, LONGEST_SECONDS, Breaker, TooManyRequests, breaker
from tests.billing.providers.moments import Moments


def call(of: Breaker, raises: BaseException | None = None) -> None:
    with of.call():
        if raises:
            raise raises


def fail(of: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(ProviderUnavailable, match="line"):
            call(of, ProviderUnavailable("the line is broken"))


def answered(of: Breaker) -> bool:
    with of.call():
        return True


def refusal(of: Breaker) -> float:
    """How long a call is told to wait that is not made."""
    with pytest.raises(ProviderUnavailable, match="for a while") as refused, of.call():
        pytest.fail("the call was made")
    assert refused.value.pause is not None
    return refused.value.pause


def opened() -> tuple[Breaker, Moments]:
    moments = Moments()
    it = Breaker(clock=moments)
    fail(it, FAILURES)
    return it, moments


def test_two_failures_change_nothing():
    it = Breaker(clock=Moments())
    fail(it, FAILURES - 1)
    assert answered(it)
    fail(it, FAILURES - 1)
    assert answered(it)


def test_the_third_failure_in_a_row_opens_it():
    it, moments = opened()
    assert refusal(it) == FIRST_SECONDS
    moments.passes(FIRST_SECONDS - 1)
    assert refusal(it) == 1


def test_one_trial_closes_it_again():
    it, moments = opened()
    moments.passes(FIRST_SECONDS)
    assert answered(it)
    fail(it, FAILURES - 1)
    assert answered(it)


def test_each_trial_that_fails_doubles_the_time_up_to_two_minutes():
    it, moments = opened()
    waits = []
    for _ in range(5):
        waits.append(refusal(it))
        moments.passes(waits[-1])
        fail(it)
    assert waits == [15, 30, 60, 120, LONGEST_SECONDS]


def test_after_it_closed_the_time_begins_anew():
    it, moments = opened()
    moments.passes(FIRST_SECONDS)
    fail(it)
    moments.passes(2 * FIRST_SECONDS)
    call(it)
    fail(it, FAILURES)
    assert refusal(it) == FIRST_SECONDS


def test_while_one_trial_is_under_way_nobody_else_asks():
    it, moments = opened()
    moments.passes(FIRST_SECONDS)
    with it.call():
        assert refusal(it) > 0
    call(it)


def test_too_many_requests_are_no_failure():
    it = Breaker(clock=Moments())
    for _ in range(2 * FAILURES):
        with pytest.raises(TooManyRequests):
            call(it, TooManyRequests("slower"))
    call(it)


def test_too_many_requests_between_failures_do_not_hide_them():
    it = Breaker(clock=Moments())
    fail(it, FAILURES - 1)
    with pytest.raises(TooManyRequests):
        call(it, TooManyRequests("slower"))
    fail(it)
    assert refusal(it) == FIRST_SECONDS


def test_a_refusal_is_an_answer():
    it = Breaker(clock=Moments())
    fail(it, FAILURES - 1)
    with pytest.raises(ProviderDeclined):
        call(it, ProviderDeclined("no"))
    fail(it, FAILURES - 1)
    call(it)


@pytest.mark.parametrize("end", [KeyboardInterrupt(), TooManyRequests("slower")])
def test_a_trial_that_ends_without_a_verdict_leaves_room_for_the_next(end):
    it, moments = opened()
    moments.passes(FIRST_SECONDS)
    with pytest.raises(type(end)):
        call(it, end)
    call(it)


@pytest.mark.parametrize("late", [None, ProviderUnavailable("the line is broken")])
def test_a_call_that_began_before_decides_nothing(late):
    it = Breaker(clock=Moments())
    slow = it.call()
    slow.__enter__()
    fail(it, FAILURES)
    assert not slow.__exit__(type(late) if late else None, late, None)
    assert refusal(it) == FIRST_SECONDS


def test_only_one_of_many_threads_makes_the_trial():
    it, moments = opened()
    moments.passes(FIRST_SECONDS)
    together, over, made = threading.Barrier(8), threading.Event(), []

    def ask():
        together.wait()
        try:
            with it.call():
                made.append(1)
                over.wait(5)
        except ProviderUnavailable:
            refused.release()

    refused = threading.Semaphore(0)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(7):
        assert refused.acquire(timeout=5)
    over.set()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_each_account_has_a_breaker_of_its_own():
    assert breaker("one") is breaker("one")
    assert breaker("one") is not breaker("other")
