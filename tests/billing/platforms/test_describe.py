"""New accounts are described by asking the processor, over HTTP."""

import pytest

from billing.audit.actor import SYSTEM
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.platforms.ask import ask_description
from billing.platforms.describe import DESCRIPTIONS, describe_all
from billing.platforms.models import Description
from billing.providers.adopt import adopt_account
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.queue.registry import Done, Later
from billing.queue.run import claim_and_run


def adopt(market, account: str) -> ProviderAccount:
    return adopt_account(platform=market.connection, external_account=account, by=SYSTEM)


def work() -> None:
    for queue in (OUTBOX, DELIVERIES, DESCRIPTIONS):
        claim_and_run(queue)


def test_an_adopted_account_gets_its_name_country_and_currency(market):
    account = adopt(market, market.open_account("Kahawa Sukari", country="KE"))
    work()
    account.refresh_from_db()
    assert (account.name, account.country) == ("Kahawa Sukari", "KE")
    merchant = account.merchant
    assert (merchant.name, merchant.default_currency, merchant.timezone) == ("Kahawa Sukari", "KES", "Europe/Paris")
    assert Description.objects.get().state == State.DONE


def test_each_account_is_asked_about_with_its_own_name(market):
    accounts = [adopt(market, market.open_account(f"Shop {number}")) for number in range(3)]
    work()
    names = ProviderAccount.objects.in_bulk([account.pk for account in accounts])
    assert [names[account.pk].name for account in accounts] == ["Shop 0", "Shop 1", "Shop 2"]


def test_a_processor_that_is_away_uses_up_no_attempt(market):
    account = adopt(market, "acct_1")
    ProviderAccount.objects.filter(pk=account.pk).update(api_base="http://127.0.0.1:9")
    work()
    row = Description.objects.get()
    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert row.error


def test_a_refusal_waits_longer(market):
    adopt(market, "acct_nobody")
    work()
    row = Description.objects.get()
    assert row.state == State.PENDING
    assert (row.next_attempt_at - row.asked_at).total_seconds() > 3_000


def test_an_account_that_left_is_not_asked_about(market):
    account = adopt(market, market.open_account("Gone"))
    ProviderAccount.objects.filter(pk=account.pk).update(status=ConnectionStatus.DISCONNECTED)
    work()
    account.refresh_from_db()
    assert (account.name, Description.objects.get().state) == ("", State.DONE)


def test_news_that_come_while_the_answer_is_on_its_way_ask_once_more(market):
    account = adopt(market, market.open_account("Busy"))
    ask_description([account.pk])
    row = Description.objects.get()
    apply = describe_all([row])
    ask_description([account.pk])
    assert isinstance(apply([row])[row.pk], Later)
    row.refresh_from_db()
    assert isinstance(describe_all([row])([row])[row.pk], Done)


@pytest.mark.parametrize("times", [1, 3])
def test_many_wishes_are_one_question(market, times):
    account = adopt(market, "acct_1")
    for _ in range(times):
        ask_description([account.pk, account.pk])
    assert Description.objects.get().ticket == times
