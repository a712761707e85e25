"""Whether two things take the same time."""

import random
import statistics
import time
from collections.abc import Callable, Sequence

LIMIT = 3.0
# Between requests, so that what the site does after an answer slows nobody else's.
PAUSE = 0.004


def unlike(one: Callable[[], float], other: Callable[[], float], *, pairs: int, pause: float = PAUSE) -> float:
    """Welch's t of the seconds that both answer, in random order; 0.0 unless it exceeds the limit twice, alike."""
    first = welch(*_sample(one, other, pairs, pause))
    if abs(first) < LIMIT:
        return 0.0
    # Of hundreds of comparisons between equals one exceeds any limit; not twice in the same direction.
    second = welch(*_sample(one, other, 2 * pairs, pause))
    return second if abs(second) >= LIMIT and (first > 0) == (second > 0) else 0.0


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t of two samples, without the slowest twentieth of each: a machine that was busy elsewhere."""
    left, right = _trimmed(one), _trimmed(other)
    spread = statistics.variance(left) / len(left) + statistics.variance(right) / len(right)
    return (statistics.fmean(left) - statistics.fmean(right)) / max(spread, 1e-18) ** 0.5


def _sample(
    one: Callable[[], float], other: Callable[[], float], pairs: int, pause: float
) -> tuple[list[float], list[float]]:
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for which in random.sample((0, 1), 2):
            time.sleep(pause)
            samples[which].append((one, other)[which]())
    return samples


def _trimmed(sample: Sequence[float]) -> list[float]:
    return sorted(sample)[: max(2, round(len(sample) * 0.95))]
