import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.accounts import account
from billing.providers.stripe.objects import read, translate
from tests.billing.providers.stripe_objects import ACCOUNT, event


def test_an_account_of_today():
    seen = account(ACCOUNT)
    assert (seen.external_id, seen.name, seen.country, seen.currency) == ("acct_1", "Tents", "FR", "EUR")
    assert (seen.timezone, seen.charges_enabled, seen.payouts_enabled) == ("Europe/Paris", True, True)
    assert seen.authorised


def test_the_business_profile_has_a_name_too():
    assert account({**ACCOUNT, "settings": None}).name == "Tents & Co"


def test_an_account_of_2017_says_it_flat():
    old = {"id": "acct_1", "object": "account", "display_name": "Tents", "timezone": "Etc/UTC"}
    seen = account({**old, "transfers_enabled": True, "default_currency": "usd"})
    assert (seen.name, seen.timezone, seen.payouts_enabled) == ("Tents", "Etc/UTC", True)
    assert (seen.currency, seen.created_at) == ("USD", None)
    assert account({"id": "acct_1", "business_name": "Tents & Co"}).name == "Tents & Co"


def test_the_envelope_says_which_account_left():
    application = {"id": "ca_1", "object": "application", "name": "Counterfoil"}
    seen = translate(event("account.application.deauthorized", application, account="acct_9"))
    assert seen is not None
    assert (seen.external_id, seen.authorised) == ("acct_9", False)


@pytest.mark.parametrize("envelope", [{}, {"account": None}, {"account": {"id": "acct_9"}}])
def test_without_the_account_nobody_knows_who_left(envelope):
    with pytest.raises(UnreadableObject, match="which account"):
        translate(event("account.application.deauthorized", {"id": "ca_1", "object": "application"}, **envelope))


def test_a_deleted_account_has_left():
    seen = read({"id": "acct_1", "object": "account", "deleted": True})
    assert seen is not None
    assert not seen.authorised


def test_other_events_of_an_account_are_left_alone():
    assert translate(event("account.application.authorized", {"id": "ca_1", "object": "application"})) is None
    assert translate(event("account.external_account.updated", {"id": "ba_1", "object": "bank_account"})) is None
