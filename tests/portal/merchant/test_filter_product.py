"""Whatever stands in a list's address, the answer is a page, a redirect or a plain refusal."""

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.access.roles import StaffRole
from billing.payments.models import PaymentStatus
from billing.refunds.models import RefundStatus
from disputes.chargebacks.models import DisputeStatus
from portal.web.events.filters import SHOWN
from portal.web.methods import METHODS, RISK_BANDS
from portal.web.movements import KINDS
from portal.web.periods import PRESETS
from portal.web.reasons import DISPUTE_REASONS, REFUND_REASONS
from tests.billing.deliveries import make_connection
from tests.portal.money import write_customer, write_dispute, write_movement, write_refund
from tests.portal.payments import decline, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db

# Surrogates cannot be written into an address.
junk = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["\x00", "%", "_", "'", '"', "../..", "null", "-1", "1e9", "９", "٣", "ß", "𝕏" * 30, "pay_\x00", "evt_" + "x" * 300]
)
days = st.dates().map(str)
times = st.times().map(lambda moment: f"{moment:%H:%M}")
amounts = st.integers(-(10**20), 10**20).map(str) | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(
    str
)
cursors = st.builds(
    ".".join,
    st.lists(st.sampled_from(["n", "p", "1", "-1", "0", "RVVS", str(2**63), "1795176343536841"]), max_size=6),
)


def some(values) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(values)) | junk, max_size=3)


def one(strategy) -> st.SearchStrategy[list[str]]:
    return st.lists(strategy | junk, max_size=2)


PERIOD = {
    "date": one(st.sampled_from([*PRESETS, "custom"])),
    "since": one(days),
    "since_time": one(times),
    "until": one(days),
    "until_time": one(times),
    "size": one(st.sampled_from(["25", "50", "100", "7"])),
    "cursor": one(cursors),
}
PAYMENTS = {
    **PERIOD,
    "q": one(
        st.sampled_from(
            [
                "4242",
                "AO-1",
                "lena@vogt.example",
                "pi_page1",
                "pay_x",
                "lena",
                "ref_x",
                "dsp_x",
                "blt_x",
                "pyt_x",
                "re_1",
            ]
        )
    ),
    "status": some(PaymentStatus.values),
    "amount_op": one(st.sampled_from(["eq", "gte", "lte", "between"])),
    "amount": one(amounts),
    "amount_to": one(amounts),
    "currency": one(st.sampled_from(["EUR", "jpy", "KWD"])),
    "method": some(METHODS),
    "last4": one(st.sampled_from(["4242", "42"])),
    "email": one(st.sampled_from(["lena@vogt.example"])),
    "country": one(st.sampled_from(["FR", "Germany"])),
    "risk": some(RISK_BANDS),
    "refunded": one(st.sampled_from(["yes", "no"])),
    "disputed": one(st.sampled_from(["yes", "open", "won", "lost", "no"])),
    "held": one(st.sampled_from(["now", "ever", "no"])),
    "customer": one(st.sampled_from(["cus_1", "cst_x"])),
    "connection": one(st.sampled_from(["con_x"])),
    "metadata": one(st.sampled_from(["order_id:1", "a:{}"])),
    "sort": one(st.sampled_from(["created", "-created", "amount", "-amount", "id"])),
}
ACROSS = {
    **PAYMENTS,
    "merchant": one(st.sampled_from(["acme", "nobody", "\x00"])),
    "mode": one(st.sampled_from(["live", "test", "x"])),
}
OF_ALL_LISTS = {
    name: PAYMENTS[name]
    for name in (*PERIOD, "q", "amount_op", "amount", "amount_to", "currency", "connection", "sort")
}
OF_PAYMENTS = {**OF_ALL_LISTS, "customer": PAYMENTS["customer"]}
FOLLOWING = {
    "refunds": {**OF_PAYMENTS, "status": some([*RefundStatus.values, "cancelled"]), "reason": some(REFUND_REASONS)},
    "disputes": {**OF_PAYMENTS, "status": some(DisputeStatus.values), "reason": some(DISPUTE_REASONS)},
    "activity": {**OF_ALL_LISTS, "status": some(["pending", "available"]), "type": some(KINDS)},
}
CUSTOMERS = {
    **PERIOD,
    "q": one(st.sampled_from(["cst_x", "cus_1", "lena@vogt.example", "lena", "%", "\u202e"])),
    "status": some(["current", "deleted"]),
    "paid": one(st.sampled_from(["yes", "no"])),
    "disputed": one(st.sampled_from(["yes", "open", "no"])),
    "connection": one(st.sampled_from(["con_x"])),
    "columns": some(["id", "phone", "description", "metadata"]),
    "sort": one(st.sampled_from(["created", "-created", "amount"])),
}
EVENTS = {
    **PERIOD,
    "q": one(st.sampled_from(["whk_x", "pi_page1", "evt_1"])),
    "state": some(SHOWN),
    "type": one(st.sampled_from(["charge.", "charge.succeeded"])),
    "object": one(st.sampled_from(["charge", "radar.early_fraud_warning"])),
    "origin": one(st.sampled_from(["delivered", "imported"])),
    "connection": one(st.sampled_from(["con_x"])),
    "merchant": one(st.sampled_from(["acme"])),
    "mode": one(st.sampled_from(["live", "test"])),
}

ANSWERS = {200, 400, 422}


@pytest.fixture
def client():
    shop = make_merchant("acme")
    account = make_connection(shop)
    payment = pay(account, reference="AO-1")
    decline(account)
    write_refund(payment)
    write_dispute(payment)
    write_customer(account, name="Lena", email="lena@vogt.example")
    write_movement(account, source_id=payment.external_charge_id)
    return signed_in(make_person(merchant=shop))


@pytest.fixture
def staff():
    return signed_in(make_person(staff_role=StaffRole.AGENT))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.fixed_dictionaries({}, optional=PAYMENTS), swapped=st.booleans())
def test_no_filters_of_transactions_break_the_page(client, query, swapped):
    assert status_of(client, "/m/acme/test/transactions/", query, swapped=swapped) in ANSWERS


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.fixed_dictionaries({}, optional=ACROSS), swapped=st.booleans())
def test_no_filters_of_payments_of_all_merchants_break_the_page(client, staff, query, swapped):
    assert status_of(staff, "/ops/transactions/", query, swapped=swapped) in ANSWERS


@pytest.mark.parametrize("name", FOLLOWING)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), swapped=st.booleans())
def test_no_filters_of_what_follows_payments_break_the_page(client, name, data, swapped):
    query = data.draw(st.fixed_dictionaries({}, optional=FOLLOWING[name]))
    assert status_of(client, f"/m/acme/test/{name}/", query, swapped=swapped) in ANSWERS


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.fixed_dictionaries({}, optional=EVENTS), swapped=st.booleans())
def test_no_filters_of_events_break_the_page(client, query, swapped):
    assert status_of(client, "/m/acme/test/events/", query, swapped=swapped) in ANSWERS


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.fixed_dictionaries({}, optional=CUSTOMERS), swapped=st.booleans())
def test_no_filters_of_customers_break_the_page(client, query, swapped):
    assert status_of(client, "/m/acme/test/customers/", query, swapped=swapped) in ANSWERS


def status_of(client, path, query, *, swapped):
    headers = {"HX-Request": "true", "HX-Target": "results"} if swapped else {}
    url = f"{path}?{urlencode(query, doseq=True)}"
    response = client.get(url, headers=headers, follow=True)
    assert len(response.redirect_chain) <= 1, url
    return response.status_code
