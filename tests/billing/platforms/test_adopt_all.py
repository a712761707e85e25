"""All accounts of a platform are listed, and those that are missing made."""

from datetime import timedelta

import pytest

from billing import clock
from billing.audit.actor import SYSTEM
from billing.platforms.adopt_all import Listed, adopt_all
from billing.providers.adopt import AdoptionRefused, adopt_account
from billing.providers.base import ProviderUnavailable
from billing.providers.leave import account_left
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection


def run(market) -> Listed:
    return adopt_all(platform=market.connection, by=SYSTEM)


def test_missing_accounts_are_made_and_described(market):
    names = [market.open_account(f"Shop {number}", country="GB") for number in range(3)]
    adopt_account(platform=market.connection, external_account=names[0], by=SYSTEM)
    assert run(market) == Listed(listed=3, adopted=2, returned=0)
    here = ProviderAccount.objects.filter(platform=market.connection).select_related("merchant")
    assert {each.external_account for each in here} == set(names)
    assert {each.merchant.name for each in here} == {"Shop 0", "Shop 1", "Shop 2"}
    assert {each.merchant.default_currency for each in here} == {"GBP"}


def test_again_it_changes_nothing(market):
    market.open_account("Shop")
    run(market)
    assert run(market) == Listed(listed=1, adopted=0, returned=0)


def test_more_than_a_page(market):
    for number in range(103):
        market.open_account(f"Shop {number}")
    assert run(market) == Listed(listed=103, adopted=103, returned=0)
    assert market.connection.accounts.count() == 103


def test_whoever_had_left_and_is_listed_is_back(market):
    name = market.open_account("Shop")
    run(market)
    account_left(account=market.connection.accounts.get(), at=clock.now() - timedelta(days=3_000), by=SYSTEM)
    assert run(market).returned == 1
    assert market.connection.accounts.get(external_account=name).left_at is None


def test_the_limit_of_the_door_is_not_a_persons(market, settings):
    settings.MOST_ADOPTED = 0
    market.open_account("Shop")
    assert run(market).adopted == 1


def test_only_a_platform_lists(db):
    with pytest.raises(AdoptionRefused):
        adopt_all(platform=make_connection(), by=SYSTEM)


def test_without_an_answer_nothing_is_made(db):
    platform = make_connection(is_platform=True)
    with pytest.raises(ProviderUnavailable):
        adopt_all(platform=platform, by=SYSTEM)
    assert not platform.accounts.exists()
