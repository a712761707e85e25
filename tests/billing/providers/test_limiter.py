"""No account is asked more often than its processor allows."""

import threading

import pytest

from billing.providers.limiter import LIVE, TEST, Bucket, Limiter
from tests.billing.providers.moments import Moments

ALLOWED = {LIVE: 100, TEST: 25}


def times(bucket: Bucket, moments: Moments, calls: int) -> list[float]:
    """When each of so many calls goes out, if each is made as soon as it may."""
    made = []
    for _ in range(calls):
        _, wait = bucket.reserve()
        moments.passes(wait)
        made.append(moments.at)
    return made


@pytest.mark.parametrize("rate", [LIVE, TEST])
def test_no_second_holds_more_calls_than_stripe_allows(rate):
    moments = Moments()
    made = times(Bucket(rate, clock=moments), moments, 5 * rate)
    for start in made:
        assert sum(start <= at < start + 1 for at in made) <= ALLOWED[rate]


@pytest.mark.parametrize("rate", [1, 3, TEST, LIVE])
def test_in_the_long_run_the_rate_is_reached_and_kept(rate):
    moments = Moments()
    made = times(Bucket(rate, clock=moments), moments, 20 * rate)
    assert made[-1] - made[0] == pytest.approx(20, abs=1)


def test_what_was_not_used_is_not_saved_up():
    moments = Moments()
    bucket = Bucket(TEST, clock=moments)
    moments.passes(3600)
    made = times(bucket, moments, 2 * TEST)
    assert sum(at < made[0] + 1 for at in made) <= ALLOWED[TEST]


def test_a_long_queue_is_refused_and_takes_no_place():
    moments = Moments()
    bucket = Bucket(1, clock=moments)
    assert [bucket.reserve(longest=2) for _ in range(3)] == [(True, 0), (True, 1), (True, 2)]
    assert bucket.reserve(longest=2) == bucket.reserve(longest=2) == (False, 3)
    moments.passes(1)
    assert bucket.reserve(longest=2) == (True, 2)


def test_threads_share_the_places():
    bucket, together, waits = Bucket(10, clock=Moments()), threading.Barrier(20), []

    def ask():
        together.wait()
        waits.append(bucket.reserve(longest=100)[1])

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([number / 10 for number in range(20)])


def test_accounts_and_modes_do_not_share():
    limiter = Limiter(live=2, test=1, clock=Moments())
    live, test = limiter.bucket("one", livemode=True), limiter.bucket("one", livemode=False)
    assert limiter.bucket("one", livemode=True) is live
    assert limiter.bucket("other", livemode=True) is not live
    assert [live.reserve()[1], live.reserve()[1]] == [0, 0.5]
    assert [test.reserve()[1], test.reserve()[1]] == [0, 1]


@pytest.mark.parametrize(("live", "test"), [(0, 1), (1, 0), (-5, 5)])
def test_less_than_one_call_a_second_is_refused(live, test):
    with pytest.raises(ValueError, match="one call"):
        Limiter(live=live, test=test)
