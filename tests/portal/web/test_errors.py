"""Error pages, and the headers of every answer."""

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from portal.access.guards import public_view
from portal.web import errors

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


@public_view(methods=("GET",))
def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


@public_view(methods=("GET",))
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret reason")


@public_view(methods=("GET",))
def absent(request: HttpRequest) -> HttpResponse:
    raise Http404("pay_of_somebody_else")


urlpatterns = [path("fine/", fine), path("broken/", broken), path("absent/", absent)]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error


@pytest.fixture
def browser():
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/fine/", "/broken/", "/absent/", "/no/such/page/", "/static/css/tokens.css"])
def test_every_answer_carries_the_policy_and_its_companions(browser, address):
    answer = browser.get(address)
    answer.close()
    headers = answer.headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Request-ID"]


def test_trace_is_refused(browser):
    answer = browser.trace("/fine/")
    assert answer.status_code == 405
    assert "Content-Security-Policy" in answer.headers


def test_a_failure_shows_its_id_and_nothing_of_its_reason(browser):
    answer = browser.get("/broken/")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_a_failure_needs_no_database(browser, django_db_blocker):
    # No fixture of this test opens one, so a query would raise.
    assert browser.get("/broken/").status_code == 500


def test_absent_and_unknown_are_the_same_page_but_for_the_id(browser):
    pages = []
    for address in ("/absent/", "/no/such/page/"):
        answer = browser.get(address)
        pages.append(answer.content.decode().replace(answer.headers["X-Request-ID"], ""))
    assert pages[0] == pages[1]
    assert "pay_of_somebody_else" not in pages[0]


@pytest.mark.parametrize("offered", ["abcdef12", "req_0123456789abcdef", "a" * 64])
def test_a_callers_plain_id_is_kept(browser, offered):
    assert browser.get("/fine/", headers={"X-Request-ID": offered}).headers["X-Request-ID"] == offered


@pytest.mark.parametrize("offered", ["", "short", "a" * 65, "<script>alert(1)</script>", "id with spaces", "é" * 10])
def test_any_other_id_is_replaced(browser, offered):
    answered = browser.get("/fine/", headers={"X-Request-ID": offered}).headers["X-Request-ID"]
    assert answered != offered
    assert answered.startswith("req_")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_every_error_has_a_page_that_is_not_kept(rf, status):
    answer = errors.answer_error(rf.get("/"), status, retry_after=20)
    page = answer.content.decode()
    assert answer.status_code == status
    assert '<h1 id="page-title">' in page
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "20"


def test_a_refusal_names_what_is_missing_and_who_can_grant_it(rf):
    page = errors.answer_error(rf.get("/"), 403, missing="replay events", granted_by="an Owner").content.decode()
    assert "Your role does not let you replay events." in page
    assert "It can be granted by an Owner." in page


def test_a_stale_form_says_what_to_do(rf):
    page = errors.csrf_failure(rf.post("/"), reason="CSRF cookie not set.").content.decode()
    assert "no longer valid" in page
    assert "cookie" not in page
