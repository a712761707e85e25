"""The stand-in processor as a process, and keys for it that no other test holds."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from billing.providers import limiter
from billing.providers.base import Access
from tests.simulator.processes import Simulator, running

MakeAccess = Callable[..., Access]
UNHURRIED = 100_000
_numbers = count()


@pytest.fixture(scope="module")
def processor() -> Iterator[Simulator]:
    """One process a module, its clock frozen. It allows as many calls as one likes, so no test waits for its turn."""
    limiter.configure(test=UNHURRIED)
    with running() as simulator:
        yield simulator
    limiter.configure()


@pytest.fixture
def simulator(processor: Simulator) -> Iterator[Simulator]:
    yield processor
    processor.control("DELETE", "/faults")


@pytest.fixture
def make_access(simulator: Simulator) -> MakeAccess:
    """An account of its own, and so a breaker and a bucket of its own: `make_access(account="acct_…")`."""

    def make(api_key: str = "", account: str = "", api_base: str = "") -> Access:
        return Access(api_key or f"sk_test_adapter{next(_numbers)}", account, api_base or simulator.url)

    return make


@pytest.fixture
def access(make_access: MakeAccess) -> Access:
    return make_access()
