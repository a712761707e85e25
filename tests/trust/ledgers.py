"""R15: whatever happens at the processor, the books balance after it, and are the processor's own."""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.trust.bookkeeping import RULES
from tests.trust.installation import Installation
from tests.trust.result import Result

# A simulator remembers every account that it ever had; a new one is quicker after so many.
TOGETHER = 25
SEQUENCES, STEPS = 2_000, 30
FEW, SHORT = 6, 20


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full 2,000 sequences of up to 30 steps, each on an account of its own."""
    result = Result("R15", seed, full)
    wanted, steps = (SEQUENCES, STEPS) if full else (FEW, SHORT)
    with site.two_actors() as actors, ThreadPoolExecutor(len(actors)) as pool:
        # Two small shares, or many.
        size = TOGETHER if full else wanted // len(actors)
        starts = range(0, wanted, size)

        def keep(position: int) -> list[dict[str, Any]]:
            mine = starts[position :: len(actors)]
            told = {"play": "keep_books", "sequences": size, "steps": steps}
            return [actors[position].ask("stage", seed=seed + start, **told) for start in mine]

        for answer in itertools.chain.from_iterable(pool.map(keep, range(len(actors)))):
            result.n += answer["sequences"]
            result.problems += answer["problems"]
            result.facts = dict(Counter(result.facts) + Counter(answer["done"]))
    if full:
        result.problems += [f"{name} never happened" for name in RULES if not result.facts.get(name)]
    return result
