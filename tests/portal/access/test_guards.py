"""What the guards let through, and what they say to everybody else."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import InternalError
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.clock import now
from portal.access.draft import Draft, kept_fields
from portal.access.guards import merchant_view, person_view, staff_view
from portal.access.pace import Pace
from portal.accounts.user import User
from tests.portal.people import make_merchant, make_person, sign_in, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@merchant_view(P.EVENTS_VIEW)
def events(request, merchant, livemode):
    return HttpResponse(f"{merchant.slug} {livemode} {request.actor.kind} {request.can(P.EVENTS_REPLAY)}")


@merchant_view(P.EVENTS_REPLAY, methods=("POST",))
def replay(request, merchant, livemode):
    return HttpResponse("replayed")


@merchant_view(P.HOME_VIEW)
def writes(request, merchant, livemode):
    User.objects.update(name="written by a GET")
    return HttpResponse("written")


@staff_view(P.OPS_EVENTS_VIEW)
def ops_events(request):
    return HttpResponse(request.actor.kind)


@person_view(methods=("GET", "POST"), step_up=True)
def sensitive(request):
    kept = kept_fields(request)
    if request.method == "POST":
        return HttpResponse(f"done {request.POST['note']}")
    return HttpResponse(f"form {kept and kept['note']}")


@person_view(methods=("POST",), step_up="recent")
def less_sensitive(request):
    return HttpResponse("done")


urlpatterns = [
    path("m/<slug:merchant>/<slug:mode>/events/", events),
    path("m/<slug:merchant>/<slug:mode>/events/replay/", replay),
    path("m/<slug:merchant>/<slug:mode>/writes/", writes),
    path("ops/events/", ops_events),
    path("sensitive/", sensitive),
    path("less/", less_sensitive),
    path("", include("portal.accounts.urls")),
]
handler404 = "portal.web.errors.not_found"


@pytest.fixture
def shop():
    return make_merchant("acme")


def test_members_with_the_verb_get_in(shop):
    client = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    assert client.get("/m/acme/test/events/").content == b"acme False user True"
    assert client.get("/m/acme/live/events/").content == b"acme True user True"


def test_private_answers_are_not_stored_and_vary(shop):
    answer = signed_in(make_person(merchant=shop)).get("/m/acme/test/events/")
    assert "no-store" in answer["Cache-Control"]
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_strangers_sign_in_first_and_come_back(client, shop):
    assert client.get("/m/acme/test/events/?q=x")["Location"] == (
        "/accounts/login/?next=%2Fm%2Facme%2Ftest%2Fevents%2F%3Fq%3Dx"
    )


def test_a_fragment_is_answered_by_a_redirect_of_the_window_to_the_page(client, shop):
    answer = client.get(
        "/m/acme/test/events/?page=2",
        HTTP_HX_REQUEST="true",
        HTTP_HX_CURRENT_URL="http://testserver/m/acme/test/transactions/?status=failed",
    )
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer["HX-Redirect"] == ("/accounts/login/?next=%2Fm%2Facme%2Ftest%2Ftransactions%2F%3Fstatus%3Dfailed")
    foreign = client.get("/m/acme/test/events/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="https://evil.example/x")
    assert foreign["HX-Redirect"] == "/accounts/login/?next=%2Fm%2Facme%2Ftest%2Fevents%2F"


def test_foreign_and_absent_merchants_and_modes_are_one_404(shop):
    make_merchant("globex")
    client = signed_in(make_person(merchant=shop))
    answers = [
        client.get(f"/m/{slug}/{mode}/events/")
        for slug, mode in (("globex", "test"), ("nowhere", "test"), ("acme", "sandbox"))
    ]
    bodies = {answer.content.replace(answer["X-Request-ID"].encode(), b"") for answer in answers}
    assert ({answer.status_code for answer in answers}, len(bodies)) == ({404}, 1)


def test_staff_are_not_members(shop):
    client = signed_in(make_person(staff_role=StaffRole.ADMIN))
    assert client.get("/m/acme/test/events/").status_code == 404
    assert client.get("/ops/events/").content == b"staff"


def test_a_missing_verb_is_named_with_who_grants_it(shop):
    client = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    answer = client.get("/m/acme/test/events/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "see events from processors" in page
    assert "an Owner or Admin of Acme" in page
    fragment = client.get("/m/acme/test/events/", HTTP_HX_REQUEST="true")
    assert (fragment.status_code, "portal:alert" in fragment["HX-Trigger"]) == (403, True)


@pytest.mark.parametrize("role", [StaffRole.AGENT, None])
def test_staff_pages_refuse_other_roles_and_other_people(shop, role):
    client = signed_in(make_person(merchant=shop, staff_role=role))
    answer = client.get("/ops/events/")
    assert (answer.status_code, "a Platform admin" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options"])
def test_other_methods_are_refused(shop, method):
    client = signed_in(make_person(merchant=shop))
    answer = getattr(client, method)("/m/acme/test/events/replay/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_head_is_a_get(shop):
    assert signed_in(make_person(merchant=shop)).head("/m/acme/test/events/").status_code == 200


def test_a_head_is_counted_by_no_limit(client):
    answers = [client.head("/accounts/password/reset/key/1-not-a-key/").status_code for _ in range(3)]
    assert answers == [HTTPStatus.OK] * 3


def test_a_get_that_writes_fails(shop):
    client = signed_in(make_person(merchant=shop))
    with pytest.raises(InternalError, match="read-only"):
        client.get("/m/acme/test/writes/")
    assert not User.objects.filter(name="written by a GET").exists()


def test_a_post_needs_the_forms_token(shop):
    user = make_person(merchant=shop)
    client = sign_in(Client(enforce_csrf_checks=True), user)
    assert client.post("/m/acme/test/events/replay/").status_code == 403


def test_an_old_factor_keeps_the_form_and_sends_nothing():
    user = make_person()
    client = signed_in(user, factor_at=now() - timedelta(minutes=6))
    answer = client.post("/sensitive/", {"note": "refund 12.30", "csrfmiddlewaretoken": "x", "password": "secret"})
    draft = Draft.objects.get()
    assert answer["Location"] == f"/accounts/reauthenticate/?next=%2Fsensitive%2F%3Fdraft%3D{draft.pk}"
    assert "refund" not in draft.fields.text
    fresh = sign_in(client, user)
    assert fresh.get(f"/sensitive/?draft={draft.pk}").content == b"form refund 12.30"
    assert fresh.post("/sensitive/", {"note": "again"}).content == b"done again"


def test_a_draft_is_its_owners_for_ten_minutes_on_its_page():
    client = signed_in(make_person(), factor_at=now() - timedelta(minutes=6))
    client.post("/sensitive/", {"note": "mine"})
    draft = Draft.objects.get()
    other = signed_in(make_person())
    assert other.get(f"/sensitive/?draft={draft.pk}").content == b"form None"
    Draft.objects.update(expires_at=now() - timedelta(seconds=1))
    again = sign_in(client, draft.user)
    assert again.get(f"/sensitive/?draft={draft.pk}").content == b"form None"
    assert again.get("/sensitive/?draft=junk").content == b"form None"


def test_htmx_is_sent_to_the_confirmation():
    client = signed_in(make_person(), factor_at=now() - timedelta(minutes=31))
    answer = client.post("/less/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/me/profile/")
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/accounts/reauthenticate/?next=%2Fme%2Fprofile%2F")


def test_half_an_hour_serves_the_less_sensitive():
    client = signed_in(make_person(), factor_at=now() - timedelta(minutes=29))
    assert client.post("/less/").content == b"done"


def test_a_factor_from_the_future_is_not_fresh():
    client = signed_in(make_person(), factor_at=now() + timedelta(minutes=3))
    assert client.post("/less/").status_code == 302


def test_too_many_requests_in_a_second(shop):
    client = signed_in(make_person(merchant=shop))
    with override_settings(REQUESTS_PER_SECOND=3):
        answers = [client.get("/m/acme/test/events/") for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0]["Retry-After"] == "1"


def test_the_pace_is_each_persons_own(settings):
    settings.REQUESTS_PER_SECOND = 2
    pace = Pace()
    assert [pace.admits(1) for _ in range(3)] == [True, True, False]
    assert pace.admits(2)
