import pytest

from billing.access.roles import MerchantRole
from billing.audit.actor import SYSTEM, Actor
from billing.merchants.members import grant_membership
from billing.merchants.models import Merchant
from tests.billing.commands.till import actor
from tests.billing.factories import make_merchant, make_person


@pytest.fixture
def merchant(db: None) -> Merchant:
    return make_merchant()


@pytest.fixture
def owner(merchant: Merchant) -> Actor:
    return hire(merchant, MerchantRole.OWNER)


def hire(merchant: Merchant, role: MerchantRole) -> Actor:
    person = make_person()
    grant_membership(merchant=merchant, user=person, role=role, by=SYSTEM)
    return actor(person)
