"""The frame round a page: the rail, the places one can go, the mode, the person."""

import re

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader
from django.test import override_settings
from django.urls import include, path

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.providers.models import ProviderAccount
from portal.access.guards import merchant_view, person_view, staff_view
from portal.web.context import initials
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@merchant_view(P.HOME_VIEW)
def page(request, merchant, livemode, payment=""):
    return render(request, "shell.html")


@merchant_view(P.HOME_VIEW)
def fragment(request, merchant, livemode):
    return render(request, "components/pagination.html", {"page": {"next_url": "?after=x"}})


@staff_view(P.OPS_HOME)
def desk(request):
    return render(request, "shell.html")


@person_view()
def profile(request):
    return render(request, "shell.html")


def nothing(request):
    return HttpResponse()


merchant_urls = [
    path("", page, name="home"),
    path("transactions/", page, name="transactions"),
    path("transactions/<str:payment>/", page, name="transaction"),
    path("events/", page, name="events"),
    path("fragment/", fragment, name="fragment"),
]
urlpatterns = [
    path("m/<slug:merchant>/<slug:mode>/", include((merchant_urls, "merchant"))),
    path("ops/", include(([path("", desk, name="home"), path("events/", desk, name="events")], "ops"))),
    path("me/", include(([path("profile/", profile, name="profile")], "me"))),
    path("accounts/logout/", nothing, name="account_logout"),
]


@pytest.fixture
def shop():
    return make_merchant("paper-shop")


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def frame_of(answer):
    """The page without what is made anew for each request."""
    return re.sub(
        r'(<input type="hidden" name="csrfmiddlewaretoken"[^>]*>|<time.*?</time>)', "", answer.content.decode()
    )


def test_the_rail_shows_where_one_is(shop):
    html = read(signed_in(make_person(merchant=shop)), "/m/paper-shop/test/transactions/")
    assert '<a href="/m/paper-shop/test/transactions/" aria-current="page" data-shortcut="g t">' in html
    assert "Times in Europe/Paris" in html


def test_a_page_inside_a_place_marks_the_place_without_claiming_to_be_it(shop):
    html = read(signed_in(make_person(merchant=shop)), "/m/paper-shop/test/transactions/pay_1/")
    assert '<a href="/m/paper-shop/test/transactions/" aria-current="true" data-shortcut="g t">' in html


def test_the_rail_leaves_out_what_the_role_cannot_enter(shop):
    developer = read(signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER)), "/m/paper-shop/test/")
    viewer = read(signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER)), "/m/paper-shop/test/")
    assert "/m/paper-shop/test/events/" in developer
    assert "/m/paper-shop/test/events/" not in viewer


def test_a_list_leads_to_the_same_list_of_the_other_mode(shop):
    html = read(signed_in(make_person(merchant=shop)), "/m/paper-shop/test/transactions/")
    assert 'href="/m/paper-shop/live/transactions/"' in html


def test_an_object_of_one_mode_leads_to_the_other_modes_home(shop):
    html = read(signed_in(make_person(merchant=shop)), "/m/paper-shop/test/transactions/pay_1/")
    assert "/m/paper-shop/live/transactions/pay_1/" not in html
    assert '<a href="/m/paper-shop/live/">' in html


def test_one_can_go_to_ones_own_merchants_and_to_no_other(shop):
    mine = make_merchant("second-shop")
    make_merchant("foreign-shop")
    person = make_person(merchant=shop)
    person.memberships.create(merchant=mine, role=MerchantRole.VIEWER)
    html = read(signed_in(person), "/m/paper-shop/test/")
    assert "/m/second-shop/test/" in html
    assert "foreign-shop" not in html
    assert "Operations" not in html


def test_staff_have_their_own_rail(shop):
    html = read(signed_in(make_person(staff_role=StaffRole.ADMIN)), "/ops/")
    assert "Platform admin" in html
    assert '<a href="/ops/" aria-current="page"' in html
    assert "/ops/events/" in html


def test_pages_about_oneself_need_no_merchant():
    html = read(signed_in(make_person()), "/me/profile/")
    assert "Your account" in html
    assert "Times in UTC" in html


@pytest.mark.parametrize(("mode", "words"), [("test", "Test mode – no real money"), ("live", "")])
def test_the_mode_is_said_in_words(shop, mode, words):
    html = read(signed_in(make_person(merchant=shop)), f"/m/paper-shop/{mode}/")
    if words:
        assert words in html
    else:
        assert "no real money" not in html


def test_a_stand_in_is_named_whatever_the_mode_is_called(shop, time_machine):
    ProviderAccount.objects.create(
        merchant=shop,
        livemode=True,
        api_key="sk_live_stand_in",
        api_base="http://127.0.0.1:9000",
        created_at="2026-11-20T12:00:00Z",
    )
    client = signed_in(make_person(merchant=shop))
    assert "Simulated processor – no real money" in read(client, "/m/paper-shop/live/")
    assert "Simulated" not in read(client, "/m/paper-shop/test/")


def test_a_fragment_pays_for_no_frame(shop, django_assert_max_num_queries):
    client = signed_in(make_person(merchant=shop))
    client.get("/m/paper-shop/test/fragment/")
    with django_assert_max_num_queries(8) as queries:
        client.get("/m/paper-shop/test/fragment/")
    assert not any("provider_account" in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize(("theme", "attribute"), [("dark", ' data-bs-theme="dark"'), ("system", "")])
def test_a_chosen_theme_is_in_the_first_byte_of_the_page(shop, theme, attribute):
    person = make_person(merchant=shop)
    person.theme = theme
    person.save(update_fields=["theme"])
    page = read(signed_in(person), "/m/paper-shop/test/")
    assert ("data-bs-theme" in page) == bool(attribute)
    assert attribute in page


def test_signing_out_is_a_form(shop):
    html = read(signed_in(make_person(merchant=shop)), "/m/paper-shop/test/")
    assert '<form id="sign-out" method="post" action="/accounts/logout/" data-sign-out>' in html
    assert '<button type="submit" form="sign-out">' in html


def test_a_kept_frame_is_the_one_that_would_be_made_now(shop):
    """Everything that changes the frame, one after the other, each time beside a frame without anything kept."""
    person = make_person(merchant=shop, role=MerchantRole.VIEWER)
    other = make_merchant("glass-shop")
    membership = person.memberships.get()

    def rename_merchant():
        shop.name = "Paper & Sons"
        shop.save()

    def rename_person():
        person.name = "Robin Reader"
        person.save()

    def promote():
        membership.role = MerchantRole.OWNER
        membership.save()

    def join():
        person.memberships.create(merchant=other, role=MerchantRole.VIEWER)

    def hire():
        person.staff_role = StaffRole.AGENT
        person.save()

    for change in (lambda: None, rename_merchant, rename_person, promote, join, hire):
        change()
        client = signed_in(person)
        for address in (
            "/m/paper-shop/test/",
            "/m/paper-shop/live/",
            "/m/paper-shop/test/transactions/",
            "/me/profile/",
        ):
            kept = frame_of(client.get(address))
            caches["frames"].clear()
            assert kept == frame_of(client.get(address)), (change, address)


def test_a_name_of_markup_is_shown_as_text(shop):
    person = make_person(merchant=shop)
    person.name = "<script>alert(1)</script>"
    person.save(update_fields=["name"])
    html = read(signed_in(person), "/m/paper-shop/test/")
    assert "&lt;script&gt;alert" in html
    assert "<script>alert" not in html


@override_settings(DEMO=True)
def test_a_demonstration_says_so_before_anybody_signs_in(rf):
    assert "no real money" in loader.render_to_string("identity.html", request=rf.get("/"))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Acme Outdoor", "AO"),
        ("Acme", "A"),
        ("m.lefebvre@shop.example", "M"),
        ("Ana Maria da Silva", "AS"),
        ("🙂", "🙂"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters
