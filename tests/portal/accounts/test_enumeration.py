"""Nobody learns from an answer whether an e-mail has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.portal.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "known@shop.example", "stray@shop.example"


def plain(response) -> tuple[int, str, str]:
    """Status, target and body without what differs in every answer."""
    body = re.sub(r'value="[A-Za-z0-9]{64}"', "", response.content.decode())
    return response.status_code, response.get("Location", ""), body.replace(KNOWN, "X").replace(UNKNOWN, "X")


def both(path: str, field: str, **values: str) -> tuple[object, object]:
    return tuple(
        plain(Client(REMOTE_ADDR=f"10.0.0.{place}").post(path, {field: email, **values}))
        for place, email in enumerate((KNOWN, UNKNOWN), start=1)
    )


@pytest.fixture(autouse=True)
def known_person():
    return make_person(KNOWN, password=PASSWORD)


def test_sign_in():
    known, unknown = both("/accounts/login/", "login", password="wrong-pass-1234")
    assert known == unknown
    assert known[0] == 422


def test_sign_in_when_closed():
    for _ in range(12):
        known, unknown = both("/accounts/login/", "login", password="wrong-pass-1234")
        assert known == unknown


def test_reset():
    known, unknown = both("/accounts/password/reset/", "email")
    assert known == unknown
    assert sorted(message.to[0] for message in mail.outbox) == [KNOWN, UNKNOWN]


def test_sign_up(settings):
    settings.SIGNUP_OPEN = True
    known, unknown = both("/accounts/signup/", "email", name="Pat", password1="copper-kettle-93")
    assert known == unknown
    assert known[:2] == (302, "/accounts/confirm-email/")
    assert sorted(message.to[0] for message in mail.outbox) == [KNOWN, UNKNOWN]


def test_a_new_person_confirms_the_address_and_then_sets_up_the_factor(settings, client):
    settings.SIGNUP_OPEN = True
    client.post("/accounts/signup/", {"email": "New@Shop.example", "name": "Nia", "password1": "copper-kettle-93"})
    sign_in = {"login": "new@shop.example", "password": "copper-kettle-93"}
    assert client.post("/accounts/login/", sign_in)["Location"] == "/accounts/confirm-email/"
    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", mail.outbox[0].body).group(1)
    assert "Somebody signed up as <strong>new@shop.example</strong>" in client.get(link).content.decode()
    client.post(link, {"password": "copper-kettle-93"})
    assert Client().post("/accounts/login/", sign_in)["Location"] == "/accounts/2fa/setup/"


@pytest.mark.parametrize("typed", ["", "another-kettle-93"])
def test_who_only_owns_the_address_confirms_no_account_of_a_stranger(settings, client, typed):
    settings.SIGNUP_OPEN = True
    stranger = {"email": "owner@shop.example", "name": "Mallory", "password1": "copper-kettle-93"}
    Client().post("/accounts/signup/", stranger)
    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", mail.outbox[0].body).group(1)
    assert client.post(link, {"password": typed}).status_code == 422
    assert not EmailAddress.objects.get(email="owner@shop.example").verified
    sign_in = {"login": "owner@shop.example", "password": "copper-kettle-93"}
    assert Client().post("/accounts/login/", sign_in)["Location"] == "/accounts/confirm-email/"


def test_guessing_the_password_of_a_waiting_account_closes_it(settings, client):
    settings.SIGNUP_OPEN = True
    client.post("/accounts/signup/", {"email": "new@shop.example", "name": "Nia", "password1": "copper-kettle-93"})
    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", mail.outbox[0].body).group(1)
    for number in range(settings.SIGN_IN_FAILURES):
        client.post(link, {"password": f"wrong-kettle-{number}"})
    assert b"Too many" in client.post(link, {"password": "copper-kettle-93"}).content
    assert not EmailAddress.objects.get(email="new@shop.example").verified


def test_closed_sign_up_says_what_to_do_next(client):
    page = client.get("/accounts/signup/").content.decode()
    assert "Accounts are by invitation" in page
    assert "Ask an owner or admin" in page
    client.post("/accounts/signup/", {"email": UNKNOWN, "name": "Pat", "password1": "copper-kettle-93"})
    assert mail.outbox == []
