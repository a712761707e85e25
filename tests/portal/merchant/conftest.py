"""The shop that most tests of its pages are about, its connection in test mode, and its owner's browser.

A module that needs somebody else, or a connection of another kind, says so in fixtures of its own.
"""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.portal.afternoon import NOW
from tests.portal.people import make_merchant, make_person, signed_in


@pytest.fixture
def shop() -> Merchant:
    return make_merchant("acme")


@pytest.fixture
def account(shop: Merchant) -> ProviderAccount:
    return make_connection(shop)


@pytest.fixture
def client(shop: Merchant) -> Client:
    return signed_in(make_person(merchant=shop))


@pytest.fixture
def afternoon() -> Iterator[None]:
    """The clock stands."""
    with time_machine.travel(NOW, tick=False):
        yield
