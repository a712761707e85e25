"""Everything that looks random: draws from named streams, each a function of the seed and a counter.

Streams are independent, so that one more draw for charges changes no id of a customer.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# From bytes to letters. The first eight letters are a fourth more frequent than the others, which harms no id.
_LETTERS = bytes(_ALPHABET[number % len(_ALPHABET)] for number in range(256))
T = TypeVar("T")


class Chance:
    def __init__(self, seed: str, counters: dict[str, int] | None = None) -> None:
        self.seed = seed
        self.counters = counters or {}
        self.drawn: set[str] = set()

    def below(self, stream: str, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1."""
        return int.from_bytes(self._draw(stream)[:8], "big") % limit

    def happens(self, stream: str, times: int, of: int) -> bool:
        """True in ``times`` of ``of`` cases."""
        return self.below(stream, of) < times

    def pick(self, stream: str, choices: Sequence[T]) -> T:
        return choices[self.below(stream, len(choices))]

    def text(self, stream: str, length: int) -> str:
        """Letters and digits, at most 48."""
        return self._draw(stream)[:length].translate(_LETTERS).decode()

    def _draw(self, stream: str) -> bytes:
        count = self.counters.get(stream, 0) + 1
        self.counters[stream] = count
        self.drawn.add(stream)
        return blake2b(f"{self.seed}\0{stream}\0{count}".encode(), digest_size=48).digest()
