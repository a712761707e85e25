"""A processor of this module's own, and a connection for each test to an account of its own there."""

from collections.abc import Iterator
from itertools import count

import pytest

from billing.providers import limiter
from tests.billing.providers.conftest import UNHURRIED
from tests.billing.sync.shop import Shop
from tests.simulator.processes import Simulator, running

_numbers = count()


@pytest.fixture(scope="module")
def processor() -> Iterator[Simulator]:
    limiter.configure(test=UNHURRIED)
    with running() as simulator:
        yield simulator
    limiter.configure()


@pytest.fixture
def shop(processor: Simulator) -> Iterator[Shop]:
    yield Shop(processor, f"sk_test_sync{next(_numbers)}")
    processor.control("DELETE", "/faults")


@pytest.fixture
def known(shop: Shop) -> Shop:
    """An account that is complete until now."""
    shop.known_until(shop.now)
    shop.passes(minutes=1)
    return shop
