"""One installation for all small runs of this process."""

from collections.abc import Iterator

import pytest

from tests.trust.installation import SMOKE, Installation


@pytest.fixture(scope="session")
def site() -> Iterator[Installation]:
    with Installation(SMOKE) as installation:
        yield installation
