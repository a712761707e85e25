"""Queries that are compiled once find what Django's own find."""

from datetime import timedelta

import pytest

from billing.access.roles import MerchantRole
from billing.compiled import Compiled, CompiledShapes
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


def test_what_the_shape_says_itself_stays():
    make_merchant("paper-shop")
    named = Compiled(lambda slug: Merchant.objects.filter(slug=slug, name="Paper-Shop"))
    assert [named(slug) for slug in ("no-shop", "paper-shop")] == [[], [Merchant.objects.get()]]


def test_a_value_may_stand_in_several_places_and_in_any_order():
    shop = make_merchant("paper-shop")
    same = Compiled(
        lambda name, slug: Merchant.objects.filter(slug=slug, name=name) | Merchant.objects.filter(name=slug)
    )
    assert same(shop.name, "paper-shop") == [shop]
    assert same("paper-shop", shop.name) == [shop]
    assert same("paper-shop", "paper-shop") == []


def test_arguments_by_name_are_shapes_of_their_own():
    first, second = make_merchant("first"), make_merchant("second")
    some = Compiled(lambda slug, *, limit: Merchant.objects.exclude(slug=slug).order_by("slug")[:limit])
    assert some("none", limit=1) == [first]
    assert some("none", limit=2) == [first, second]
    assert some("first", limit=1) == [second]


def test_moments_days_and_ids_are_values():
    make_merchant("paper-shop")
    (shop,) = Merchant.objects.all()
    at, day = shop.created_at, shop.created_at.date()
    made = Compiled(lambda at, day: Merchant.objects.filter(created_at=at, created_at__date__gte=day))
    assert made(at, day) == [shop]
    assert made(at + timedelta(seconds=1), day) == []


def test_a_value_that_the_query_leaves_out_is_refused():
    unused = Compiled(lambda slug, name: Merchant.objects.filter(slug=slug))
    with pytest.raises(TypeError, match="not each of its values"):
        unused("paper-shop", "Paper")


def test_a_value_that_the_query_changes_is_refused():
    changed = Compiled(lambda slug: Merchant.objects.filter(slug__startswith=slug))
    with pytest.raises(TypeError, match="not each of its values"):
        changed("paper")


@pytest.mark.parametrize("value", [None, True, 1.5])
def test_what_is_no_parameter_is_refused(value):
    by_slug = Compiled(lambda slug: Merchant.objects.filter(slug=slug))
    with pytest.raises(TypeError):
        by_slug(value)


@pytest.mark.parametrize("kind", ["values", "flat"])
def test_rows_of_another_kind_are_refused(kind):
    found = {
        "values": lambda slug: Merchant.objects.filter(slug=slug).values("pk"),
        "flat": lambda slug: Merchant.objects.filter(slug=slug).values_list("pk", flat=True),
    }
    with pytest.raises(TypeError, match="values_list"):
        Compiled(found[kind])("paper-shop")


def test_a_query_is_compiled_once_for_its_shape_and_the_oldest_shape_goes():
    made, shapes = [], CompiledShapes(most=2)
    shops = [make_merchant(slug) for slug in ("first", "second")]

    def rows(shape, shop):
        def query():
            made.append(shape)
            return Merchant.objects.filter(slug=shop.slug).values_list("pk")

        return shapes.rows(shape, (shop.slug,), query)

    for shape, number in zip("aabacab", (0, 1, 0, 1, 0, 1, 0), strict=True):
        assert rows(shape, shops[number]) == [(shops[number].pk,)]
    assert made == ["a", "b", "c", "b"]
    assert shapes.count("d", ("first",), lambda: Merchant.objects.filter(slug="first")) == 1
    assert shapes.count("d", ("nobody",), Merchant.objects.none) == 0


def test_a_shape_whose_parameters_are_others_is_refused():
    shapes = CompiledShapes(most=2)
    with pytest.raises(TypeError, match="Paper"):
        shapes.rows("shape", ("paper-shop",), lambda: Merchant.objects.filter(slug="paper-shop", name="Paper"))
