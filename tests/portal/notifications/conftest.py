"""People who are told, for the tests of this folder."""

import pytest

from billing.access.roles import MerchantRole
from tests.portal.notifications.desk import Desk


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def owner(desk):
    return desk.hires(MerchantRole.OWNER)
