"""Whatever ids say: an object belongs to the account whose it is, in rows and in calls."""

from collections.abc import Iterator

import pytest

from billing.audit.actor import SYSTEM
from billing.customers.models import Customer
from billing.mirror.ask import Wanted, ask
from billing.mirror.models import Refetch
from billing.mirror.refetch import REFETCH
from billing.payments.models import Payment
from billing.providers.adopt import adopt_account
from billing.providers.base import Kind, Window
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.queue.run import claim_and_run
from tests.billing.deliveries import deliver_to, event, make_connection, process_all
from tests.simulator.processes import Simulator, running


@pytest.fixture(scope="module")
def twin() -> Iterator[Simulator]:
    """It draws the same ids as a fresh `simulator` does: both have the same seed."""
    with running() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def fresh() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


def sell(simulator: Simulator, amount: int) -> tuple[ProviderAccount, str, str]:
    """A platform with one account that sold something: its connection, customer and payment."""
    client = simulator.client("sk_test_twins")
    name = client.v1.accounts.create({"type": "standard", "country": "FR"}).id
    inside = {"stripe_account": name}
    customer = client.v1.customers.create({"name": f"Buyer of {amount}"}, inside).id
    payment = client.v1.payment_intents.create(
        {"amount": amount, "currency": "eur", "customer": customer, "payment_method": "pm_card_visa", "confirm": True}
        | {"return_url": "https://shop.example/"},
        inside,
    ).id
    platform = make_connection(is_platform=True, api_base=simulator.url, api_key="sk_test_twins")
    account = adopt_account(platform=platform, external_account=name, by=SYSTEM)
    return account, customer, payment


@pytest.mark.django_db
def test_accounts_and_objects_of_equal_ids_are_each_asked_for_where_they_are(fresh, twin):
    ours, theirs = sell(fresh, 1000), sell(twin, 7000)
    assert ours[0].external_account == theirs[0].external_account
    assert ours[1:] == theirs[1:]
    for account, customer, payment in (ours, theirs):
        ask([Wanted(account.pk, Kind.CUSTOMER, customer), Wanted(account.pk, Kind.INTENT, payment)])
    Refetch.objects.update(next_attempt_at=None)
    claim_and_run(REFETCH)
    for account, amount in ((ours[0], 1000), (theirs[0], 7000)):
        assert Payment.objects.for_merchant(account.merchant, False).get().amount == amount
        assert Customer.objects.for_merchant(account.merchant, False).get().name == f"Buyer of {amount}"


def test_one_account_cannot_ask_for_anothers_object(market):
    names = [market.open_account(f"Shop {number}") for number in range(2)]
    accounts = [adopt_account(platform=market.connection, external_account=name, by=SYSTEM) for name in names]
    customer = market.client.v1.customers.create({"name": "Lena"}, {"stripe_account": names[0]}).id
    for account in accounts:
        deliver_to(
            market.connection,
            event(
                "customer.created",
                {"id": customer, "object": "customer", "created": 1},
                account=account.external_account,
            ),
        )
    process_all()
    ask([Wanted(account.pk, Kind.CUSTOMER, customer) for account in accounts])
    Refetch.objects.update(next_attempt_at=None)
    claim_and_run(REFETCH)
    first, second = (Customer.objects.get(account=account) for account in accounts)
    assert (first.name, first.unconfirmed_since) == ("Lena", None)
    assert second.name == ""
    assert second.unconfirmed_since is not None


def test_lists_and_events_are_those_of_the_account(market):
    names = [market.open_account(f"Shop {number}") for number in range(2)]
    accounts = [adopt_account(platform=market.connection, external_account=name, by=SYSTEM) for name in names]
    made = {
        name: [
            market.client.v1.customers.create({"name": name}, {"stripe_account": name}).id for _ in range(number + 1)
        ]
        for number, name in enumerate(names)
    }
    market.client.v1.customers.create({"name": "of the platform"})
    stripe = adapter("stripe")
    for account in accounts:
        access = access_of(account)
        listed = stripe.list_page(access, Kind.CUSTOMER, Window())
        assert [source["id"] for source in listed.sources] == made[account.external_account][::-1]
        told = stripe.list_events(access, Window())
        about = [each.callback.object_id for each in told.events if each.callback.type == "customer.created"]
        assert about == made[account.external_account][::-1]
    own = stripe.list_page(access_of(market.connection), Kind.CUSTOMER, Window())
    assert [source["name"] for source in own.sources] == ["of the platform"]
