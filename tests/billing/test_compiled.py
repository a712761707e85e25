"""Queries that are compiled once find what Django's own find."""

import pytest

from billing.access.roles import MerchantRole
from billing.compiled import Compiled
from billing.merchants.models import Membership, Merchant
from tests.portal.people import make_merchant, make_person

pytestmark = pytest.mark.django_db

members = Compiled(
    lambda slug: Membership.objects.filter(merchant__slug=slug).select_related("merchant", "user").order_by("pk")
)


def test_models_come_with_what_belongs_to_them(django_assert_num_queries):
    shop = make_merchant("paper-shop")
    shop.branding = {"colour": "#123456"}
    shop.save()
    people = [make_person(merchant=shop, role=MerchantRole.VIEWER) for _ in range(3)]
    with django_assert_num_queries(1):
        found = members("paper-shop")
        assert [each.user for each in found] == people
        assert {each.merchant.branding["colour"] for each in found} == {"#123456"}
    assert members("no-shop") == []


def test_the_values_of_one_call_are_not_those_of_another():
    first, second = make_merchant("first"), make_merchant("second")
    by_slug = Compiled(lambda slug: Merchant.objects.filter(slug=slug))
    assert [by_slug(slug) for slug in ("first", "second", "first")] == [[first], [second], [first]]


def test_tuples_stay_tuples():
    shop = make_merchant("paper-shop")
    names = Compiled(lambda slug: Merchant.objects.filter(slug=slug).values_list("pk", "name"))
    assert names("paper-shop") == [(shop.pk, shop.name)]


def test_deferred_columns_are_fetched_when_they_are_asked_for(django_assert_num_queries):
    make_merchant("paper-shop")
    partly = Compiled(lambda slug: Merchant.objects.filter(slug=slug).defer("timezone"))
    (found,) = partly("paper-shop")
    with django_assert_num_queries(1):
        assert found.timezone == "Europe/Paris"


def test_a_query_with_other_parameters_than_its_values_is_refused():
    hidden = Compiled(lambda slug: Merchant.objects.filter(slug=slug, name="Paper"))
    with pytest.raises(TypeError, match="Paper"):
        hidden("paper-shop")
