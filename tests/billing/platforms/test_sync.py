"""Each account of a platform is read, and searched for gaps, by itself."""

from billing.audit.actor import SYSTEM
from billing.customers.models import Customer
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction
from billing.platforms.adopt_all import adopt_all
from billing.queue.models import State
from billing.queue.run import claim_and_run
from billing.sync.models import Finding, RunKind, SyncRun
from billing.sync.run import SYNC
from billing.sync.start import schedule_run
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import process_all


def work() -> None:
    """Until nothing is due; pauses are skipped."""
    busy = 1
    while busy:
        busy = sum(claim_and_run(queue) for queue in (OUTBOX, DELIVERIES))
        SyncRun.objects.exclude(state__in=[State.DONE, State.DEAD]).update(next_attempt_at=None)
        busy += claim_and_run(SYNC)


def sell(market, name: str, amount: int) -> str:
    paid = {"payment_method": "pm_card_visa", "confirm": True, "return_url": "https://shop.example/"}
    given = {"amount": amount, "currency": "eur", **paid}
    return market.client.v1.payment_intents.create(given, {"stripe_account": name}).id


def adopted(market, name: str):
    return market.connection.accounts.get(external_account=name)


def test_each_account_is_read_into_its_own_merchant(market):
    names = [market.open_account(f"Shop {number}", country="FR") for number in range(2)]
    sold = {name: {sell(market, name, 1_000 + count) for count in range(3)} for name in names}
    for name in names:
        market.client.v1.customers.create({"name": name}, {"stripe_account": name})
    adopt_all(platform=market.connection, by=SYSTEM)
    work()
    for name in names:
        account = adopted(market, name)
        payments = Payment.objects.for_merchant(account.merchant, False)
        assert set(payments.values_list("external_id", flat=True)) == sold[name]
        assert Customer.objects.get(account=account).name == name
        assert BalanceTransaction.objects.filter(account=account).count() == len(sold[name])
    assert not Payment.objects.filter(account=market.connection).exists()


def test_gaps_are_found_at_the_account_that_has_them(market):
    quiet, silent = (market.open_account(f"Shop {number}", country="FR") for number in range(2))
    adopt_all(platform=market.connection, by=SYSTEM)
    work()
    market.simulator.control("POST", "/clock", advance=60)
    late = sell(market, silent, 7_700)
    market.simulator.control("POST", "/clock", advance=600)
    for name in (quiet, silent):
        schedule_run(account=adopted(market, name), kind=RunKind.GAPS)
    work()
    process_all()
    account = adopted(market, silent)
    assert Payment.objects.for_merchant(account.merchant, False).get(external_id=late).amount == 7_700
    assert set(WebhookEvent.objects.values_list("origin", "merchant")) == {("imported", account.merchant_id)}
    assert set(Finding.objects.values_list("account", "merchant")) == {(account.pk, account.merchant_id)}
