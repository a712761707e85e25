from datetime import UTC, datetime

import pytest

from billing.providers.events import CardDetails, PartyDetails
from billing.providers.stripe.customers import card, customer, payment_method, saved_source
from billing.providers.stripe.objects import read, translate
from tests.billing.providers.stripe_objects import CUSTOMER, PAYMENT_METHOD, T0, event

CARD_OF_2017 = {
    "id": "card_1",
    "object": "card",
    "brand": "MasterCard",
    "country": "US",
    "customer": "cus_7",
    "exp_month": 3,
    "exp_year": 2023,
    "fingerprint": "ZoVSX2dK5igWt2SB",
    "last4": "4444",
    "metadata": {"label": "old"},
    "name": "Ada Lovelace",
    "tokenization_method": None,
}


def test_a_customer_of_today():
    seen = customer(CUSTOMER)
    assert (seen.external_id, seen.deleted, seen.final, seen.rank) == ("cus_7", False, False, 0)
    assert (seen.name, seen.email, seen.currency) == ("Ada Lovelace", "ada@example.com", "EUR")
    assert (seen.default_method_id, seen.created_at) == ("pm_1", datetime.fromtimestamp(T0, UTC))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (["fr-CA", "en"], "fr-CA,en"),
        ([], ""),
        (None, ""),
        ("fr", ""),
        (["fr", None, "a,b", "no language\n", "zh-Hant-TW"], "fr,zh-Hant-TW"),
        (["de-" + "x" * 300, *["fr"] * 9], "fr,fr,fr,fr"),
    ],
)
def test_what_a_customer_likes_to_read_is_kept_as_far_as_it_is_a_language(told, kept):
    assert customer({**CUSTOMER, "preferred_locales": told}).languages == kept


def test_a_business_has_a_name_too():
    assert customer({**CUSTOMER, "name": None, "business_name": "Tents & Co"}).name == "Tents & Co"


def test_a_customer_of_2017_has_a_default_source_and_no_name():
    seen = customer({"id": "cus_7", "object": "customer", "default_source": "card_1", "created": T0})
    assert (seen.name, seen.default_method_id, seen.currency) == ("", "card_1", "")


def test_a_stub_is_a_deleted_customer():
    seen = read({"id": "cus_7", "object": "customer", "deleted": True})
    assert seen is not None
    assert (seen.external_id, seen.deleted, seen.final, seen.rank, seen.created_at) == ("cus_7", True, True, 1, None)


def test_the_event_of_a_deletion_shows_the_customer_as_it_was():
    seen = translate(event("customer.deleted", CUSTOMER))
    assert seen is not None
    assert (seen.deleted, seen.final, seen.name) == (True, True, "Ada Lovelace")


def test_a_payment_method_of_today():
    seen = payment_method(PAYMENT_METHOD)
    assert (seen.external_id, seen.customer_id, seen.rank) == ("pm_1", "cus_7", 0)
    assert seen.card == CardDetails("card", "visa", "4242", 8, 2031, "FR", "AOB934RVNwzk6xtn", "apple_pay")
    assert seen.party == PartyDetails("Ada Lovelace", "ada@example.com", "cus_7")


def test_a_bank_debit_shows_its_last_digits():
    debit = {"bank_code": "37040044", "country": "DE", "fingerprint": "f1", "last4": "3000"}
    seen = payment_method({**PAYMENT_METHOD, "type": "sepa_debit", "card": None, "sepa_debit": debit})
    assert (seen.card.method_type, seen.card.last4, seen.card.country, seen.card.brand) == (
        *("sepa_debit", "3000", "DE", ""),
    )


def test_a_detached_payment_method_belongs_to_nobody():
    for customer_id in ("cus_7", None):
        seen = translate(event("payment_method.detached", {**PAYMENT_METHOD, "customer": customer_id}))
        assert seen is not None
        assert (seen.customer_id, seen.party.customer_id, seen.rank) == ("", "", 1)


def test_a_card_of_2017_is_a_payment_method():
    for kind in ("customer.source.created", "customer.source.updated"):
        seen = translate(event(kind, CARD_OF_2017))
        assert seen is not None
        assert (seen.external_id, seen.customer_id, seen.created_at) == ("card_1", "cus_7", None)
        assert seen.card == CardDetails("card", "mastercard", "4444", 3, 2023, "US", "ZoVSX2dK5igWt2SB", "")
        assert (seen.party.name, seen.metadata) == ("Ada Lovelace", {"label": "old"})


def test_a_deleted_card_belongs_to_nobody():
    seen = translate(event("customer.source.deleted", CARD_OF_2017))
    assert seen is not None
    assert (seen.customer_id, seen.rank) == ("", 1)


def test_a_card_that_receives_payouts_is_no_customers():
    assert card({**CARD_OF_2017, "customer": None, "account": "acct_1"}) is None
    assert translate(event("account.external_account.created", CARD_OF_2017)) is None


def test_only_sources_that_hold_a_card_are_payment_methods():
    source = {
        "id": "src_1",
        "object": "source",
        "type": "card",
        "customer": "cus_7",
        "created": T0,
        "card": {"brand": "Visa", "last4": "4242", "exp_month": 1, "exp_year": 2030},
        "owner": {"name": "Ada", "email": "ada@example.com"},
    }
    seen = saved_source(source)
    assert seen is not None
    assert (seen.external_id, seen.card.brand, seen.party.email) == ("src_1", "visa", "ada@example.com")
    assert saved_source({**source, "type": "sofort"}) is None
    assert saved_source({**source, "customer": None}) is None


def test_events_of_other_objects_of_a_customer_are_left_alone():
    for kind, name in [("customer.subscription.created", "subscription"), ("customer.source.created", "bank_account")]:
        assert translate(event(kind, {**CUSTOMER, "object": name})) is None
