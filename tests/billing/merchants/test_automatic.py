"""Merchants of accounts that came by themselves."""

import pytest

from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.merchants.automatic import describe_automatic, is_automatic, open_automatic
from tests.billing.factories import make_merchant

pytestmark = pytest.mark.django_db


def opened(account: str = "acct_1AbC", **fields):
    like = make_merchant(timezone="Africa/Nairobi", default_currency="KES", **fields)
    return open_automatic(external_account=account, like=like, by=SYSTEM)


def described(merchant, name: str, *, known_as: str = "", currency: str = "usd", account: str = "acct_1AbC") -> bool:
    return describe_automatic(
        merchant=merchant, external_account=account, known_as=known_as, name=name, currency=currency, by=SYSTEM
    )


def test_it_is_called_like_its_account_and_lives_where_the_platform_does():
    merchant = opened()
    assert (merchant.slug, merchant.name) == ("acct-1abc", "acct_1AbC")
    assert (merchant.timezone, merchant.default_currency) == ("Africa/Nairobi", "KES")
    assert AuditEvent.objects.get(merchant_id=merchant.pk).action == "merchant.created"


def test_an_address_that_is_taken_gets_an_ending():
    make_merchant(slug="acct-1abc")
    merchants = [opened("acct_1AbC"), opened("acct_1aBC")]
    assert len({merchant.pk for merchant in merchants}) == 2
    for merchant in merchants:
        assert merchant.slug.startswith("acct-1abc-")
        assert is_automatic(merchant, "acct_1AbC")


@pytest.mark.parametrize("account", ["acct_" + "x" * 59, "acct_" + "_" * 59])
def test_any_id_makes_an_address(account):
    assert is_automatic(opened(account), account)


def test_others_are_not_automatic():
    assert not is_automatic(make_merchant(slug="acct-1abc-berlin"), "acct_1AbC")


def test_the_first_description_gives_name_and_currency():
    merchant = opened()
    assert described(merchant, " Lena's\x00 Shop ", currency="eur")
    merchant.refresh_from_db()
    assert (merchant.name, merchant.default_currency, merchant.timezone) == ("Lena's Shop", "EUR", "Africa/Nairobi")
    assert AuditEvent.objects.get(action="merchant.described").before == {
        "name": "acct_1AbC",
        "default_currency": "KES",
    }


def test_a_later_name_replaces_the_processors_but_not_a_persons():
    merchant = opened()
    described(merchant, "Lena's Shop")
    assert described(merchant, "Lena & Co", known_as="Lena's Shop", currency="gbp")
    assert (merchant.name, merchant.default_currency) == ("Lena & Co", "USD")
    merchant.name = "Our Lena"
    assert not described(merchant, "Lena GmbH", known_as="Lena & Co")


@pytest.mark.parametrize(("name", "currency"), [("", "eur"), ("\x00", "eur"), ("acct_1AbC", "zzz")])
def test_a_description_that_says_nothing_changes_nothing(name, currency):
    assert not described(opened(), name, currency=currency)


def test_a_merchant_that_was_opened_by_hand_keeps_its_name():
    assert not described(make_merchant(name="acct_1AbC"), "Lena's Shop")
