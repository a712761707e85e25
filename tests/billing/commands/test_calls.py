"""Calls that run beside each other."""

import signal
import threading

import pytest

from billing.commands.calls import AT_ONCE, call_at_once


def test_they_run_beside_each_other():
    everybody = threading.Barrier(AT_ONCE)
    came = call_at_once(dict.fromkeys(range(AT_ONCE), lambda: everybody.wait(timeout=5)))
    assert sorted(came.values()) == list(range(AT_ONCE))


def test_a_single_one_runs_in_this_thread():
    assert call_at_once({7: threading.get_ident}) == {7: threading.get_ident()}


def test_what_one_raises_is_answered_beside_what_others_return():
    came = call_at_once({1: lambda: "made", 2: lambda: {}["nothing"]})
    assert came[1] == "made"
    assert isinstance(came[2], KeyError)


def test_threads_are_kept():
    names = [set(call_at_once(dict.fromkeys(range(40), threading.get_ident)).values()) for _ in range(2)]
    assert len(names[0] | names[1]) <= AT_ONCE


class Enough(Exception):
    """Somebody's time is over."""


@pytest.fixture
def soon():
    """Interrupts this thread in a moment, as the queue's deadline does."""

    def stop(signum, frame):
        raise Enough

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_who_stops_waiting_leaves_room_for_the_next(soon):
    held = threading.Event()
    try:
        with pytest.raises(Enough):
            call_at_once(dict.fromkeys(range(AT_ONCE), held.wait))
        assert call_at_once({1: lambda: "one", 2: lambda: "two"}) == {1: "one", 2: "two"}
    finally:
        held.set()
