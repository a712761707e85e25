"""The small run of every test of trust, with seeds that stay. Seeds that failed once are added and never removed."""

import pytest

from tests.browsers import find_browser
from tests.trust.conftest import Keeper
from tests.trust.registry import TESTS, run

ALWAYS = 20_261_120
FAILED_ONCE: dict[str, tuple[int, ...]] = {}


@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name in TESTS for seed in (ALWAYS, *FAILED_ONCE.get(name, ()))]
)
def test_small_run(name: str, seed: int, installations: Keeper):
    if TESTS[name].in_browser and find_browser() is None:
        pytest.skip("no browser: set COUNTERFOIL_BROWSER or run `make setup`")
    result = run(name, seed=seed, full=False, site=installations.site())
    print(result.line)
    if result.bad:
        installations.discard()
    assert not result.bad, result.explain()
