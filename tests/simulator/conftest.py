"""One world a test: frozen clock, seed 1, in memory."""

from collections.abc import Iterator

import pytest

from simulator.engine import Engine
from tests.simulator.processes import Receiver, Simulator, receiving, running
from tests.simulator.worlds import World


@pytest.fixture
def world() -> Iterator[World]:
    engine = Engine(None)
    world = World(engine)
    yield world
    world.check()
    engine.close()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """One process for the tests about the wire. Give each test a key, and so an account, of its own."""
    with running() as simulator:
        yield simulator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
