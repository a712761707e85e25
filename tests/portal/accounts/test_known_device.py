"""Which browsers are remembered, and for how long."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from billing.clock import now
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.known_device import KnownDevice
from portal.accounts.second_factor import current_step
from portal.accounts.user import User
from tests.portal.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db


def walk_in(client: Client, user: User, **ticked: str) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    code = confirmed_authenticator(user).code(current_step())
    client.post("/accounts/2fa/challenge/", {"code": code, **ticked})


def test_a_ticked_device_is_remembered_for_thirty_days(client):
    user = make_person(password=PASSWORD)
    walk_in(client, user, remember="on")
    cookie = client.cookies["device"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (30 * 86400, True, "Lax")
    assert KnownDevice.objects.get().expires_at > now() + timedelta(days=29)


def test_another_device_until_it_closes(client):
    walk_in(client, make_person(password=PASSWORD))
    assert client.cookies["device"]["max-age"] == ""
    assert KnownDevice.objects.get().expires_at < now() + timedelta(days=2)


def test_a_remembered_device_stays_so_without_a_tick(client):
    user = make_person(password=PASSWORD)
    walk_in(client, user, remember="on")
    client.post("/accounts/logout/")
    with time_machine.travel(now() + timedelta(days=3)):
        walk_in(client, user)
    assert KnownDevice.objects.count() == 1
    assert client.cookies["device"]["max-age"] > 26 * 86400


def test_a_device_is_known_to_its_own_account_only(client):
    walk_in(client, make_person(password=PASSWORD))
    walk_in(client, make_person(password=PASSWORD))
    client.post("/accounts/logout/")
    other = make_person(password=PASSWORD)
    walk_in(client, other)
    assert KnownDevice.objects.filter(user=other).count() == 1
