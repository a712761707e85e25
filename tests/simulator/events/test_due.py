"""Timers: at their own time, in their order, once."""

from collections.abc import Iterator

import pytest

from simulator.call import Call
from simulator.events import due
from tests.simulator.worlds import ACCOUNT, World


@pytest.fixture
def ran() -> Iterator[list[tuple[str, int]]]:
    """A timer that notes what it was for and when it ran, and one that fails."""
    noted: list[tuple[str, int]] = []

    @due.timer("test.noted")
    def note(call: Call, subject: str, again: int = 0) -> None:
        noted.append((subject, call.now))
        if again:
            call.later(again, "test.noted", subject)

    @due.timer("test.fails", money=True)
    def fail(call: Call, subject: str) -> None:
        call.add("product", call.new("product", id=subject, name="x", created=0))
        raise RuntimeError(subject)

    yield noted
    del due.TIMERS["test.noted"], due.TIMERS["test.fails"]


def plan(world: World, seconds: int, name: str, subject: str, **payload: int) -> None:
    with world.engine.transaction():
        world.engine.call(ACCOUNT).later(seconds, name, subject, **payload)


def test_timers_run_in_order_each_at_its_time(world: World, ran: list[tuple[str, int]]) -> None:
    start = world.engine.clock.now()
    plan(world, 50, "test.noted", "late")
    plan(world, 10, "test.noted", "early", again=15)
    world.advance(100)
    assert ran == [("early", start + 10), ("early", start + 25), ("late", start + 50)]
    assert world.engine.clock.now() == start + 100


def test_a_cancelled_timer_does_not_run(world: World, ran: list[tuple[str, int]]) -> None:
    plan(world, 10, "test.noted", "kept")
    plan(world, 10, "test.noted", "gone")
    with world.engine.transaction():
        world.engine.call(ACCOUNT).forget("gone")
    world.advance(10)
    assert [subject for subject, _ in ran] == ["kept"]


def test_a_timer_that_fails_leaves_nothing_and_stops_nothing(
    world: World, ran: list[tuple[str, int]], caplog: pytest.LogCaptureFixture
) -> None:
    plan(world, 10, "test.fails", "broken")
    plan(world, 20, "test.noted", "after")
    world.advance(30)
    assert [subject for subject, _ in ran] == ["after"]
    assert world.get("/v1/products/broken").status == 404
    assert "timer test.fails of broken failed" in caplog.text
