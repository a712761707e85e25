"""A platform at a simulator of Stripe."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import stripe

from billing.providers import limiter
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.simulator.processes import Simulator, running

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Market:
    """A platform at the simulator, and its connection here."""

    simulator: Simulator
    client: stripe.StripeClient
    connection: ProviderAccount

    def open_account(self, name: str, **fields: Any) -> str:
        wanted = {"type": "standard", "business_profile": {"name": name}, **fields}
        return self.client.v1.accounts.create(wanted).id


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """One process a module. It allows as many calls as one likes, so no test waits for its turn."""
    limiter.configure(test=100_000)
    with running() as simulator:
        yield simulator
    limiter.configure()


@pytest.fixture
def market(db: None, simulator: Simulator) -> Market:
    key = f"sk_test_market{next(_numbers)}"
    connection = make_connection(is_platform=True, api_base=simulator.url, api_key=key)
    return Market(simulator, simulator.client(key), connection)
