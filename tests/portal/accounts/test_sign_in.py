"""The way in, as a browser walks it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.clock import now
from portal.accounts.codes import new_codes
from portal.accounts.enrol import confirmed_authenticator, remove_second_factor
from portal.accounts.second_factor import StaticCode, current_step
from portal.accounts.session import Session
from portal.accounts.user import User
from tests.portal.people import PASSWORD, make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
CHALLENGE = "/accounts/2fa/challenge/"


def give_password(client: Client, user: User, password: str = PASSWORD, **extra: str):
    return client.post(LOGIN, {"login": user.email, "password": password}, **extra)


def code_of(user: User, offset: int = 0) -> str:
    device = confirmed_authenticator(user)
    assert device
    return device.code(current_step() + offset)


def test_password_and_code_open_a_session_with_a_new_id(client):
    user = make_person(merchant=make_merchant(), password=PASSWORD)
    assert give_password(client, user)["Location"] == CHALLENGE
    before = client.session.session_key
    assert client.post(CHALLENGE, {"code": code_of(user)})["Location"] == "/"
    assert client.session.session_key != before
    row = Session.objects.get(session_key=client.session.session_key)
    assert (row.user, row.signed_in_at is not None, row.factor_at is not None) == (user, True, True)
    assert AuditEvent.objects.filter(action="person.signed_in", object_id=user.public_id).count() == 1


def test_the_password_alone_does_not_sign_in(client):
    user = make_person(password=PASSWORD)
    give_password(client, user)
    assert client.get("/me/security/").status_code == 302
    assert client.get(LOGIN)["Location"] == CHALLENGE


def test_spaces_in_the_code_are_fine_and_next_stays_on_our_host(client):
    user = make_person(password=PASSWORD)
    client.post(
        LOGIN + "?next=/me/sessions/", {"login": user.email.upper(), "password": PASSWORD, "next": "/me/sessions/"}
    )
    code = code_of(user)
    assert client.post(CHALLENGE, {"code": f" {code[:3]} {code[3:]} "})["Location"] == "/me/sessions/"


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example/", "//evil.example/x", "\\\\evil.example", "javascript:alert(1)"),
        *("http://localhost:9/x", "https://shop.operator.example/", "null", "{}"),
    ],
)
def test_next_leads_nowhere_else(client, target, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost", ".operator.example"]
    user = make_person(password=PASSWORD)
    client.post(LOGIN, {"login": user.email, "password": PASSWORD, "next": target})
    assert client.post(CHALLENGE, {"code": code_of(user)})["Location"] == "/"


def test_a_code_works_once_also_after_the_cache_is_flushed(client):
    user = make_person(password=PASSWORD)
    code = code_of(user)
    give_password(client, user)
    client.post(CHALLENGE, {"code": code})
    cache.clear()
    other = Client()
    give_password(other, user)
    answer = other.post(CHALLENGE, {"code": code})
    assert answer.status_code == 422
    assert "was used already" in answer.content.decode()
    assert other.get("/me/security/").status_code == 302


def test_an_older_code_than_the_last_one_used_is_refused(client):
    user = make_person(password=PASSWORD)
    give_password(client, user)
    assert client.post(CHALLENGE, {"code": code_of(user, 1)}).status_code == 302
    other = Client()
    give_password(other, user)
    assert other.post(CHALLENGE, {"code": code_of(user, 0)}).status_code == 422


def test_a_recovery_code_works_once(client):
    user = make_person(password=PASSWORD)
    codes = new_codes(user=user, by=SYSTEM)
    give_password(client, user)
    typed = codes[4].upper().replace("-", " ")
    assert client.post("/accounts/2fa/recovery/", {"code": typed})["Location"] == "/"
    assert StaticCode.objects.filter(user=user, used_at=None).count() == 9
    other = Client()
    give_password(other, user)
    assert other.post("/accounts/2fa/recovery/", {"code": codes[4]}).status_code == 422


def test_the_first_sign_in_forces_the_set_up_and_shows_ten_codes_once(client):
    user = make_person(password=PASSWORD)
    remove_second_factor(user=user, by=SYSTEM)
    assert give_password(client, user)["Location"] == "/accounts/2fa/setup/"
    page = client.get("/accounts/2fa/setup/").content.decode()
    assert 'src="data:image/svg+xml' in page
    assert re.search(r'inputmode="numeric"[^>]*autocomplete="one-time-code"', page)
    device = user.authenticator_set.get()
    shown = client.post("/accounts/2fa/setup/", {"code": device.code(current_step())})
    codes = re.findall(r"<li>(\w{4}-\w{4})</li>", shown.content.decode())
    assert len(set(codes)) == 10
    assert client.get("/me/security/").status_code == 302, "not signed in before the codes are saved"
    assert codes[0] not in client.get("/accounts/2fa/codes/").content.decode()
    unticked = client.post("/accounts/2fa/codes/", {"shown": codes})
    assert (unticked.status_code, codes[0] in unticked.content.decode()) == (422, True)
    invented = client.post("/accounts/2fa/codes/", {"shown": ["aaaa-aaaa"] * 10})
    assert (invented.status_code, "aaaa-aaaa" in invented.content.decode()) == (422, False)
    assert client.post("/accounts/2fa/codes/", {"saved": "on"})["Location"] == "/"
    assert client.get("/me/security/").status_code == 200


def test_pages_with_secrets_are_kept_by_no_browser(client):
    user = make_person(password=PASSWORD)
    remove_second_factor(user=user, by=SYSTEM)
    give_password(client, user)
    page = client.get("/accounts/2fa/setup/")
    shown = client.post("/accounts/2fa/setup/", {"code": user.authenticator_set.get().code(current_step())})
    for answer in (page, shown, client.get("/accounts/2fa/codes/")):
        assert "no-store" in answer["Cache-Control"]


def test_a_key_that_was_shown_before_is_not_offered_again(client):
    user = make_person(password=PASSWORD)
    remove_second_factor(user=user, by=SYSTEM)
    give_password(Client(), user)
    seen = user.authenticator_set.get()
    give_password(client, user)
    assert user.authenticator_set.get().typed_secret != seen.typed_secret
    assert client.post("/accounts/2fa/setup/", {"code": seen.code(current_step())}).status_code == 422


def test_secrets_at_rest_are_neither_in_the_session_nor_in_clear(client):
    user = make_person(password=PASSWORD)
    remove_second_factor(user=user, by=SYSTEM)
    give_password(client, user)
    device = user.authenticator_set.get()
    typed = device.typed_secret.replace(" ", "")
    client.post("/accounts/2fa/setup/", {"code": device.code(current_step())})
    assert typed not in Session.objects.get(session_key=client.session.session_key).session_data
    assert device._secret() not in str(Session.objects.get(session_key=client.session.session_key).get_decoded())
    assert device._secret() not in user.authenticator_set.values_list("key", flat=True)[0].text


def test_somebody_with_a_factor_cannot_set_up_another_with_the_password_alone(client):
    user = make_person(password=PASSWORD)
    give_password(client, user)
    assert client.get("/accounts/2fa/setup/")["Location"] == CHALLENGE
    assert client.post("/accounts/2fa/codes/", {"saved": "on"})["Location"] == CHALLENGE
    assert client.get("/me/security/").status_code == 302


def test_a_reset_does_not_bypass_the_factor_and_ends_sessions(client):
    user = make_person(password=PASSWORD)
    elsewhere = signed_in(user)
    client.post("/accounts/password/reset/", {"email": user.email})
    path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body).group(1)
    form = client.get(path)["Location"]
    assert client.post(form, {"password1": "copper-kettle-93"}).status_code == 302
    assert client.get("/me/security/").status_code == 302
    assert elsewhere.get("/me/security/").status_code == 302
    assert client.get(path).status_code in {200, 302}
    assert give_password(Client(), user, "copper-kettle-93")["Location"] == CHALLENGE


def test_a_link_is_dead_after_use(client):
    user = make_person(password=PASSWORD)
    client.post("/accounts/password/reset/", {"email": user.email})
    path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body).group(1)
    client.post(client.get(path)["Location"], {"password1": "copper-kettle-93"})
    assert "no longer works" in Client().get(path).content.decode()


def test_sign_out_clears_what_the_browser_kept(client):
    client = signed_in(make_person())
    answer = client.post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/me/security/").status_code == 302


def test_a_closed_account_gets_no_further(client):
    user = make_person(password=PASSWORD)
    user.disabled_at = now()
    user.save()
    assert give_password(client, user)["Location"] == "/accounts/inactive/"


def test_the_code_of_a_pending_sign_in_is_asked_for_a_quarter_of_an_hour_only(client):
    user = make_person(password=PASSWORD)
    give_password(client, user)
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert client.get(CHALLENGE)["Location"] == LOGIN


@pytest.mark.parametrize("password", ["short-1", "onlyletterslong", "123456789012345", "password1234", "Password12345"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)
