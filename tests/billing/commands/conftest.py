from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from billing.providers import limiter
from tests.billing.commands.till import Till
from tests.billing.providers.conftest import UNHURRIED
from tests.simulator.processes import Simulator, running

_numbers = count()


@pytest.fixture(scope="package")
def processor() -> Iterator[Simulator]:
    limiter.configure(test=UNHURRIED)
    with running() as simulator:
        yield simulator
    limiter.configure()


@pytest.fixture
def till(db: None, processor: Simulator, time_machine: Any) -> Iterator[Till]:
    time_machine.move_to(datetime.now(UTC), tick=False)
    yield Till(processor, f"sk_test_till{next(_numbers)}", time_machine)
    processor.control("DELETE", "/faults")
