"""One installation for all small runs of this process, until one of them fails and leaves it in disorder."""

from collections.abc import Iterator

import pytest

from tests.trust.installation import SMOKE, Installation


class Keeper:
    def __init__(self) -> None:
        self._site: Installation | None = None

    def site(self) -> Installation:
        if self._site is None:
            self._site = Installation(SMOKE).__enter__()
        return self._site

    def discard(self) -> None:
        if self._site is not None:
            self._site.__exit__()
            self._site = None


@pytest.fixture(scope="session")
def installations() -> Iterator[Keeper]:
    keeper = Keeper()
    yield keeper
    keeper.discard()


@pytest.fixture(scope="module")
def site(installations: Keeper) -> Installation:
    return installations.site()
