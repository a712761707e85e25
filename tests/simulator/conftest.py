"""One world a test: frozen clock, seed 1, in memory."""

from collections.abc import Iterator

import pytest

from simulator.engine import Engine
from tests.simulator.worlds import World


@pytest.fixture
def world() -> Iterator[World]:
    engine = Engine(None)
    yield World(engine)
    engine.close()
