"""Merchants of one platform, whose objects have equal ids, see nothing of each other."""

import pytest

from billing.access.roles import MerchantRole
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import charge, deliver_to, event, intent, make_connection, process_all
from tests.portal.payments import address
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db
ACCOUNTS = ("acct_1", "acct_2")


@pytest.fixture
def platform() -> ProviderAccount:
    platform = make_connection(is_platform=True)
    for account in ACCOUNTS:
        secret = {"description": f"secret of {account}", "billing_details": {"name": f"Buyer at {account}"}}
        deliver_to(platform, event("payment_intent.created", intent(id="pi_same"), account=account))
        told = charge(id="ch_same", payment_intent="pi_same", **secret)
        deliver_to(platform, event("charge.succeeded", told, account=account))
    process_all()
    return platform


def merchant_of(platform: ProviderAccount, account: str):
    return platform.accounts.select_related("merchant").get(external_account=account).merchant


@pytest.mark.parametrize("role", list(MerchantRole))
@pytest.mark.parametrize(("mine", "theirs"), [ACCOUNTS, ACCOUNTS[::-1]])
def test_people_of_one_account_see_nothing_of_another(platform, role, mine, theirs):
    here, there = merchant_of(platform, mine), merchant_of(platform, theirs)
    own, foreign = (Payment.objects.for_merchant(merchant, False).get() for merchant in (here, there))
    client = signed_in(make_person(merchant=here, role=role))
    for path in ("", f"{own.public_id}/", "?q=pi_same", "?q=ch_same"):
        page = client.get(address(here) + path, follow=True)
        assert page.status_code == 200
        assert own.public_id in page.content.decode()
        assert f"secret of {mine}" in page.content.decode()
        for word in (foreign.public_id, f"secret of {theirs}", f"Buyer at {theirs}", there.slug):
            assert word not in page.content.decode()
    for path in (address(there), f"{address(there)}{foreign.public_id}/", f"{address(here)}{foreign.public_id}/"):
        assert client.get(path).status_code == 404


def test_the_platforms_own_people_are_no_members_of_its_accounts(platform):
    client = signed_in(make_person(merchant=platform.merchant))
    for account in ACCOUNTS:
        assert client.get(address(merchant_of(platform, account))).status_code == 404
