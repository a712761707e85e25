"""Objects and pages of them, against what the unmodified package finds in the same account."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.providers.base import Access, AccessRefused, Kind, Page, ProviderDeclined, ProviderUnavailable, Window
from billing.providers.stripe.adapter import fetch, list_accounts, list_page
from tests.billing.providers.conftest import MakeAccess
from tests.billing.providers.peers import DATE, answering
from tests.simulator.processes import Simulator

SHOP = "sk_test_shop"
BEGINNING = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
SERVICES = {
    Kind.CUSTOMER: "customers",
    Kind.PAYMENT_METHOD: "payment_methods",
    Kind.INTENT: "payment_intents",
    Kind.CHARGE: "charges",
    Kind.REFUND: "refunds",
    Kind.DISPUTE: "disputes",
    Kind.WARNING: "radar.early_fraud_warnings",
    Kind.REVIEW: "reviews",
    Kind.PAYOUT: "payouts",
    Kind.BALANCE_TRANSACTION: "balance_transactions",
    Kind.INVOICE: "invoices",
}


@pytest.fixture(scope="module")
def shop(processor: Simulator) -> Access:
    """A month of a shop, with objects of every kind."""
    world = {"key": SHOP, "profile": "outdoor", "payments": 140, "from": BEGINNING, "days": 20, "wait": True}
    assert processor.control("POST", "/worlds", **world)["state"] == "done"
    client = processor.client(SHOP)
    buyer = client.v1.customers.create({})
    for number in range(3):
        client.v1.invoice_items.create({"customer": buyer.id, "amount": 100 + number, "currency": "eur"})
        client.v1.invoices.create({"customer": buyer.id})
    charge = next(charge for charge in client.v1.charges.list({"limit": 100}).data if charge.paid)
    account = processor.control("GET", f"/account?key={SHOP}")["account"]
    for number in range(3):
        processor.control("POST", "/clock", advance=5)
        paid = client.v1.charges.create({"amount": 900 + number, "currency": "eur", "source": "tok_visa"})
        processor.control("POST", "/warnings", account=account, charge=paid.id)
        processor.control("POST", "/reviews", account=account, charge=paid.id)
        processor.control("POST", "/disputes", account=account, charge=paid.id)
    assert charge
    return Access(SHOP, api_base=processor.url)


def service(processor: Simulator, kind: Kind) -> Any:
    found: Any = processor.client(SHOP).v1
    for name in SERVICES[kind].split("."):
        found = getattr(found, name)
    return found


def ids(page: Page) -> list[str]:
    return [source["id"] for source in page.sources]


def pages(access: Access, kind: Kind, limit: int, **window: Any) -> Iterator[Page]:
    """A kind from the newest to the oldest."""
    after, more = "", True
    while more:
        page = list_page(access, kind, Window(after=after, limit=limit, **window))
        yield page
        after, more = ids(page)[-1], page.has_more


@pytest.mark.parametrize("kind", Kind)
def test_pages_hold_every_object_once_and_newest_first(simulator: Simulator, shop: Access, kind: Kind):
    everything = [found.id for found in service(simulator, kind).list({"limit": 100}).auto_paging_iter()]
    assert len(everything) >= 3
    size = len(everything) // 2 + 1 if len(everything) < 200 else 100
    assert [name for page in pages(shop, kind, size) for name in ids(page)] == everything


@pytest.mark.parametrize("kind", Kind)
def test_an_object_is_fetched_as_it_is_listed(simulator: Simulator, shop: Access, kind: Kind):
    [source] = list_page(shop, kind, Window(limit=1)).sources
    assert fetch(shop, kind, source["id"]).source == source


@pytest.mark.parametrize("kind", Kind)
def test_there_is_none_of_an_unknown_id(shop: Access, kind: Kind):
    assert fetch(shop, kind, "x_none").source is None


def test_forwards_from_an_object_a_page_is_oldest_first(shop: Access):
    newest = list_page(shop, Kind.CHARGE, Window(limit=9))
    forwards = list_page(shop, Kind.CHARGE, Window(before=ids(newest)[-1], limit=5))
    assert ids(forwards) == ids(newest)[-2:-7:-1]
    assert forwards.has_more
    last = list_page(shop, Kind.CHARGE, Window(before=ids(forwards)[-1], limit=5))
    assert ids(last) == ids(newest)[2::-1]
    assert not last.has_more


def test_what_is_new_since_the_newest_is_nothing(shop: Access):
    [newest] = ids(list_page(shop, Kind.CHARGE, Window(limit=1)))
    page = list_page(shop, Kind.CHARGE, Window(before=newest))
    assert (page.sources, page.has_more) == ([], False)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PAYMENT_METHOD])
def test_both_ends_of_a_time_are_part_of_it(simulator: Simulator, shop: Access, kind: Kind):
    everything = list(service(simulator, kind).list({"limit": 100}).auto_paging_iter())
    times = sorted(found.created for found in everything)
    since, until = (datetime.fromtimestamp(times[len(times) * part // 3], UTC) for part in (1, 2))
    found = [name for page in pages(shop, kind, 100, since=since, until=until) for name in ids(page)]
    assert found == [one.id for one in everything if since <= datetime.fromtimestamp(one.created, UTC) <= until]
    assert found


def test_a_part_of_a_second_widens_no_time(shop: Access):
    [newest] = list_page(shop, Kind.CHARGE, Window(limit=1)).sources
    at = datetime.fromtimestamp(newest["created"], UTC)
    little = timedelta(milliseconds=500)
    for window in (Window(since=at), Window(since=at - little), Window(since=at, until=at + little)):
        assert newest["id"] in ids(list_page(shop, Kind.CHARGE, window))
    for window in (Window(since=at + little), Window(until=at - little)):
        assert newest["id"] not in ids(list_page(shop, Kind.CHARGE, window))


def test_payment_methods_end_at_a_time(simulator: Simulator, shop: Access):
    everything = list(service(simulator, Kind.PAYMENT_METHOD).list({"limit": 100}).auto_paging_iter())
    since = datetime.fromtimestamp(everything[110].created, UTC)
    found = [name for page in pages(shop, Kind.PAYMENT_METHOD, 100, since=since) for name in ids(page)]
    assert found == [one.id for one in everything if one.created >= since.timestamp()]
    later = datetime.fromtimestamp(everything[20].created, UTC)
    page = list_page(shop, Kind.PAYMENT_METHOD, Window(since=later, limit=50))
    assert (len(page.sources) < 50, page.has_more) == (True, False)
    for window in (Window(until=since), Window(since=since, before=everything[-1].id)):
        with pytest.raises(ValueError, match="payment methods"):
            list_page(shop, Kind.PAYMENT_METHOD, window)


@pytest.mark.parametrize(
    ("kind", "parent", "link"),
    [
        (Kind.PAYMENT_METHOD, Kind.CUSTOMER, "customer"),
        (Kind.INTENT, Kind.CUSTOMER, "customer"),
        (Kind.CHARGE, Kind.CUSTOMER, "customer"),
        (Kind.CHARGE, Kind.INTENT, "payment_intent"),
        (Kind.REFUND, Kind.CHARGE, "charge"),
        (Kind.REFUND, Kind.INTENT, "payment_intent"),
        (Kind.DISPUTE, Kind.CHARGE, "charge"),
        (Kind.WARNING, Kind.CHARGE, "charge"),
        (Kind.BALANCE_TRANSACTION, Kind.CHARGE, "source"),
        (Kind.BALANCE_TRANSACTION, Kind.REFUND, "source"),
        (Kind.INVOICE, Kind.CUSTOMER, "customer"),
    ],
)
def test_a_list_is_narrowed_to_one_parent(simulator: Simulator, shop: Access, kind: Kind, parent: Kind, link: str):
    everything = list(service(simulator, kind).list({"limit": 100}).auto_paging_iter())
    prefix = fetch_prefix(shop, parent)
    of = next(one[link] for one in everything if (one[link] or "").startswith(prefix))
    assert ids(list_page(shop, kind, Window(), of=of)) == [one.id for one in everything if one[link] == of]


def fetch_prefix(access: Access, kind: Kind) -> str:
    [newest] = ids(list_page(access, kind, Window(limit=1)))
    return newest.partition("_")[0]


def test_a_payout_is_the_sum_of_its_balance_transactions(shop: Access):
    payout = next(
        source for page in pages(shop, Kind.PAYOUT, 100) for source in page.sources if source["status"] == "paid"
    )
    page = list_page(shop, Kind.BALANCE_TRANSACTION, Window(), of=payout["id"])
    assert not page.has_more
    assert len(page.sources) > 1
    assert sum(source["net"] for source in page.sources) == 0


def test_some_kinds_have_no_parent(shop: Access):
    with pytest.raises(ValueError, match="review"):
        list_page(shop, Kind.REVIEW, Window(), of="ch_1")


def test_an_unknown_cursor_is_refused(shop: Access):
    with pytest.raises(ProviderDeclined) as refused:
        list_page(shop, Kind.CHARGE, Window(after="ch_none"))
    assert (refused.value.code, refused.value.param) == ("resource_missing", "starting_after")


def test_an_unknown_parent_is_refused(shop: Access):
    with pytest.raises(ProviderDeclined, match="payment methods") as refused:
        list_page(shop, Kind.PAYMENT_METHOD, Window(), of="cus_none")
    assert refused.value.code == "resource_missing"


@pytest.mark.parametrize("name", ["", ".", "..", "../account", "ch_1?limit=1", "ch 1", "ch_1/refunds", "ch%2F", "ﬁ_1"])
def test_what_would_lead_elsewhere_is_never_asked(name: str):
    with answering(200, "{}", DATE) as peer:
        access = Access("sk_test_elsewhere", api_base=peer.url)
        with pytest.raises(ProviderDeclined, match="no id"):
            fetch(access, Kind.CHARGE, name)
        if name:
            with pytest.raises(ProviderDeclined, match="no id"):
                list_page(access, Kind.PAYMENT_METHOD, Window(), of=name)
    assert peer.requests == []


@pytest.mark.parametrize(
    "body", ["{}", '{"data": {}, "has_more": false}', '{"data": [1], "has_more": false}', '{"data": [], "has_more": 1}']
)
def test_an_answer_that_is_no_list_is_of_no_use(body: str):
    with answering(200, body, DATE) as peer, pytest.raises(ProviderUnavailable, match="no list"):
        list_page(Access("sk_test_no_list", api_base=peer.url), Kind.CHARGE, Window())


def test_a_deleted_customer_is_what_is_left_of_it(simulator: Simulator, access: Access):
    client = simulator.client(access.api_key)
    made = client.v1.customers.create({})
    client.v1.customers.delete(made.id)
    source = fetch(access, Kind.CUSTOMER, made.id).source
    assert source
    assert source["deleted"] is True


def test_accounts_see_their_own_only(simulator: Simulator, access: Access, make_access: MakeAccess):
    client = simulator.client(access.api_key)
    names = [client.v1.accounts.create({"country": "DE"}).id for _ in range(3)]
    one, other = (make_access(access.api_key, name) for name in names[:2])
    made = client.v1.customers.create({}, {"stripe_account": names[0]})
    assert fetch(one, Kind.CUSTOMER, made.id).source
    assert ids(list_page(one, Kind.CUSTOMER, Window())) == [made.id]
    for stranger in (access, other):
        assert fetch(stranger, Kind.CUSTOMER, made.id).source is None
        assert ids(list_page(stranger, Kind.CUSTOMER, Window())) == []
    with pytest.raises(AccessRefused, match=names[0]):
        fetch(make_access(account=names[0]), Kind.CUSTOMER, made.id)


def test_connected_accounts_are_listed(simulator: Simulator, access: Access):
    client = simulator.client(access.api_key)
    names = [client.v1.accounts.create({"country": "DE"}).id for _ in range(3)]
    first = list_accounts(access, Window(limit=2))
    assert (ids(first), first.has_more) == (names[:0:-1], True)
    second = list_accounts(access, Window(limit=2, after=names[1]))
    assert (ids(second), second.has_more) == ([names[0]], False)
