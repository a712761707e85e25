"""The small run of every test of trust, with seeds that stay. Seeds that failed once are added and never removed."""

import pytest

from tests.trust.installation import Installation
from tests.trust.registry import TESTS, run

ALWAYS = 20_261_120
FAILED_ONCE: dict[str, tuple[int, ...]] = {}


@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name in TESTS for seed in (ALWAYS, *FAILED_ONCE.get(name, ()))]
)
def test_small_run(name: str, seed: int, site: Installation):
    result = run(name, seed=seed, full=False, site=site)
    print(result.line)
    assert not result.bad, result.explain()
