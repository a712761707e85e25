"""Virtual time: frozen, or following real time, and never going back."""

import time

import pytest

from simulator.clock import Clock, ClockRunsBackwards


@pytest.fixture
def frozen() -> Clock:
    return Clock({"follows": False, "at": 1000})


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What real time reads; change its only item."""
    now = [5000.9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_a_frozen_clock_moves_only_when_told(frozen: Clock, real: list[float]) -> None:
    real[0] += 60
    assert frozen.now() == 1000
    frozen.freeze(1500)
    assert frozen.now() == 1500


@pytest.mark.parametrize("act", ["freeze", "follow"])
def test_time_does_not_go_back(frozen: Clock, real: list[float], act: str) -> None:
    with pytest.raises(ClockRunsBackwards):
        getattr(frozen, act)(999)
    assert (frozen.now(), frozen.follows) == (1000, False)


def test_a_clock_follows_real_time(frozen: Clock, real: list[float]) -> None:
    frozen.follow()
    assert frozen.now() == 5000
    real[0] = 5003.2
    assert frozen.now() == 5003


def test_a_clock_follows_at_a_distance(frozen: Clock, real: list[float]) -> None:
    frozen.follow(9000)
    real[0] += 10
    assert frozen.now() == 9010
    assert Clock(frozen.state()).now() == 9010


def test_a_real_clock_that_is_set_back_stops_this_one(frozen: Clock, real: list[float]) -> None:
    frozen.follow()
    real[0] = 4000
    assert frozen.now() == 5000
    real[0] = 5001
    assert frozen.now() == 5001


def test_a_virtual_time_that_is_ahead_is_kept_when_following(real: list[float]) -> None:
    ahead = Clock({"follows": False, "at": 8000})
    ahead.follow()
    real[0] += 1
    assert ahead.now() == 8001


def test_what_was_due_happens_at_its_time(frozen: Clock, real: list[float]) -> None:
    frozen.follow()
    with frozen.held(4000):
        assert frozen.now() == 4000
    assert frozen.now() == 5000
