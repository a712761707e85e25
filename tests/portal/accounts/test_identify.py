"""The short way from a session to a person, and what sends it back to Django's long one."""

import pytest
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_otp import DEVICE_ID_SESSION_KEY

from billing.clock import now
from portal.accounts.second_factor import Authenticator
from portal.accounts.session import Session
from portal.accounts.session_store import SessionStore
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/me/profile/"


@pytest.fixture
def person():
    return make_person(merchant=make_merchant("paper-shop"))


@pytest.fixture
def client(person):
    client = signed_in(person)
    assert client.get(PAGE).status_code == 200
    return client


def change(client, **values):
    session = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    session.update(values)
    session.save()


def test_who_asks_is_found_in_two_queries(client):
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    about = ("portal_session", "portal_user", "portal_authenticator")
    assert len([query for query in asked if any(f'FROM "{name}"' in query["sql"] for name in about)]) == 2


def test_a_new_password_ends_it(client, person):
    person.set_password("another-boat-4711")
    person.save()
    assert client.get(PAGE).status_code == 302


def test_a_person_who_was_shut_out_is_out(client, person):
    person.disabled_at = now()
    person.save()
    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (auth.HASH_SESSION_KEY, ""),
        (auth.HASH_SESSION_KEY, "0" * 64),
        (auth.BACKEND_SESSION_KEY, "django.contrib.auth.backends.ModelBackend"),
        (DEVICE_ID_SESSION_KEY, "portal.authenticator/1"),
        (DEVICE_ID_SESSION_KEY, "portal.authenticator/x"),
        (DEVICE_ID_SESSION_KEY, f"portal.authenticator/{2**128}"),
    ],
)
def test_a_session_that_does_not_fit_signs_nobody_in(client, key, value):
    change(client, **{key: value})
    assert client.get(PAGE).status_code == 302


def test_somebody_elses_device_proves_nothing(client):
    theirs = Authenticator.objects.get(user=make_person())
    change(client, **{DEVICE_ID_SESSION_KEY: theirs.persistent_id})
    assert client.get(PAGE).status_code == 302


def test_a_device_that_is_gone_proves_nothing(client, person):
    Authenticator.objects.filter(user=person).delete()
    assert client.get(PAGE).status_code == 302


def test_a_row_of_somebody_else_is_not_believed(client, person):
    Session.objects.filter(user=person).update(user=make_person())
    assert auth.get_user(client) == person
    assert client.get(PAGE).context["person"] == person
