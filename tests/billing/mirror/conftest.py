"""A simulator of Stripe for this folder, and connections to accounts of their own at it."""

import itertools
from collections.abc import Iterator

import pytest

from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.simulator.processes import Simulator, running

numbers = itertools.count(1)


@pytest.fixture(scope="package")
def simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def key() -> str:
    return f"sk_test_mirror{next(numbers)}"


@pytest.fixture
def account(db: None, simulator: Simulator, key: str) -> ProviderAccount:
    return make_connection(api_base=simulator.url, api_key=key)
