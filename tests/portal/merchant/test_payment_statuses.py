"""Whatever a payment is in can be chosen in the list, and stands in its row."""

import re

import pytest

from billing.payments.models import PaymentStatus
from reports.status import STATUSES
from tests.billing.deliveries import make_connection
from tests.portal.payments import address, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", PaymentStatus.values)
def test_a_status_is_offered_found_and_told(status):
    shop = make_merchant("acme")
    account = make_connection(shop)
    sought, _other = write_payments(account, [{"status": status}, {"status": _another(status)}])
    page = signed_in(make_person(merchant=shop)).get(f"{address(shop)}?status={status}").content.decode()
    assert re.search(rf'name="status" value="{status}" checked', page)
    (row,) = re.findall(r'<tr data-row=".*?</tr>', page)
    assert sought.public_id in row
    assert f"{STATUSES['payment'][status].label}</span>" in row


def _another(status):
    return "failed" if status == "succeeded" else "succeeded"
