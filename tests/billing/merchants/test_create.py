from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from billing.audit.models import AuditEvent
from billing.merchants.create import MerchantDiffers, MerchantRefused, create_merchant
from billing.merchants.models import Merchant
from tests.billing.factories import TESTER, make_merchant

pytestmark = pytest.mark.django_db
ACME = {"slug": "acme", "name": "Acme Ltd", "timezone": "Europe/Paris", "currency": "EUR"}


def create(**changes: Any) -> Merchant:
    return create_merchant(**{**ACME, **changes}, by=TESTER)


def test_a_merchant_opens() -> None:
    merchant = create(name="  Acme Ltd ", currency="eur")
    merchant.refresh_from_db()
    assert (merchant.slug, merchant.name, merchant.default_currency) == ("acme", "Acme Ltd", "EUR")
    assert merchant.zone == ZoneInfo("Europe/Paris")
    assert merchant.public_id.startswith("mer_")
    assert merchant.branding == {}
    assert str(merchant) == "Acme Ltd"


def test_opening_is_on_record_in_the_merchants_own_chain() -> None:
    merchant = create()
    event = AuditEvent.objects.get()
    assert (event.merchant_id, event.action, event.object_id) == (merchant.pk, "merchant.created", merchant.public_id)
    assert event.actor_label == "Tester"
    assert event.after == {
        "slug": "acme",
        "name": "Acme Ltd",
        "timezone": "Europe/Paris",
        "default_currency": "EUR",
    }


def test_opening_again_changes_nothing() -> None:
    assert create() == create(currency="eur")
    assert Merchant.objects.count() == AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Acme SA"}, "Merchant acme exists already with another name."),
        (
            {"timezone": "UTC", "currency": "USD"},
            "Merchant acme exists already with another timezone and default currency.",
        ),
    ],
)
def test_a_taken_slug_is_not_overwritten(changes: dict[str, str], sentence: str) -> None:
    create()
    with pytest.raises(MerchantDiffers) as refused:
        create(**changes)
    assert str(refused.value) == sentence
    assert Merchant.objects.values_list("name", "timezone", "default_currency").get() == (
        "Acme Ltd",
        "Europe/Paris",
        "EUR",
    )


@pytest.mark.parametrize("slug", ["a", "acme", "acme-2", "2cool", "a--b", "a" * 63])
def test_slugs_that_can_be_part_of_an_address(slug: str) -> None:
    assert create(slug=slug).slug == slug


@pytest.mark.parametrize(
    "slug", ["", "Acme", "acme_ltd", "-acme", "acme-", "a/b", "a b", "acme\n", "é", "а", "..", "a" * 64]
)
def test_slugs_that_cannot(slug: str) -> None:
    with pytest.raises(MerchantRefused, match="cannot be part of an address"):
        create(slug=slug)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "two\nlines", "nul\0", "\ud800"])
def test_names_that_nobody_can_show(name: str) -> None:
    with pytest.raises(MerchantRefused, match="name"):
        create(name=name)


@pytest.mark.parametrize("zone", ["", "Paris", "europe/paris", "GMT+25", "../etc/passwd", "localtime", "Factory", "\0"])
def test_zones_that_are_none(zone: str) -> None:
    with pytest.raises(MerchantRefused, match="is not a time zone"):
        create(timezone=zone)


@pytest.mark.parametrize("currency", ["", "€", "EURO", "XYZ", "IQD", "E\0R"])
def test_currencies_that_are_none(currency: str) -> None:
    with pytest.raises(MerchantRefused, match="currency"):
        create(currency=currency)


def test_nothing_is_left_of_a_refused_merchant() -> None:
    with pytest.raises(MerchantRefused):
        create(currency="XYZ")
    assert not Merchant.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("values", [{"slug": "Acme"}, {"slug": "a/b"}, {"slug": ""}, {"default_currency": "eur"}])
def test_the_database_refuses_nonsense(values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_merchant(**values)
