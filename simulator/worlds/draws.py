"""Draws by weight, from the streams of a world."""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Generic, TypeVar

from simulator.chance import Chance

T = TypeVar("T")
# Of how many cases the shares of a profile speak.
CASES = 10_000


class Weights(Generic[T]):
    """Values, each as often as its weight says."""

    def __init__(self, weights: Mapping[T, int]) -> None:
        self._values = tuple(weights)
        self._sums = tuple(accumulate(weights.values()))

    def pick(self, chance: Chance, stream: str) -> T:
        return self._values[bisect_right(self._sums, chance.below(stream, self._sums[-1]))]


def parsed(text: str) -> dict[str, int]:
    """`FR 60, DE 12` as weights."""
    return {name: int(weight) for name, weight in (part.split() for part in text.split(","))}


def between(chance: Chance, stream: str, least: int, most: int) -> int:
    return least + chance.below(stream, most - least + 1)
