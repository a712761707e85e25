"""create_user and otp, as an operator types them; and the link that create_user prints."""

import re
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from billing.audit.models import AuditEvent
from billing.clock import now
from billing.merchants.models import Membership
from portal.accounts.change_password import change_password
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.user import User
from tests.portal.people import PASSWORD, make_merchant, make_person

pytestmark = pytest.mark.django_db
EMAIL = "ines@acme.example"


def run(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def link_in(text: str) -> str:
    found = re.search(r"http://[^/]+(/accounts/invite/\S+)", text)
    assert found
    return found.group(1)


def test_create_user_is_idempotent_and_gives_what_is_missing():
    make_merchant("acme")
    make_person(merchant=make_merchant("globex"))
    assert "created" in run("create_user", EMAIL.upper(), "--merchant", "acme", "--role", "finance")
    assert "exists" in run("create_user", EMAIL, "--merchant", "acme", "--role", "admin", "--staff", "agent")
    run("create_user", EMAIL, "--merchant", "globex", "--role", "viewer")
    user = User.objects.get(email=EMAIL)
    assert user.staff_role == "agent"
    assert set(Membership.objects.filter(user=user).values_list("merchant__slug", "role")) == {
        ("acme", "admin"),
        ("globex", "viewer"),
    }
    before = AuditEvent.objects.count()
    run("create_user", EMAIL, "--merchant", "globex", "--role", "viewer")
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    "wrong",
    [
        ["not-an-address"],
        [EMAIL, "--merchant", "nowhere", "--role", "owner"],
        [EMAIL, "--merchant", "acme"],
        [EMAIL, "--password", "short-1"],
        [EMAIL, "--password", "password1234"],
    ],
)
def test_create_user_refuses_in_a_sentence(wrong):
    make_merchant("acme")
    with pytest.raises(CommandError):
        run("create_user", *wrong)
    assert not User.objects.filter(email=EMAIL).exists()


def test_the_link_works_once(client):
    make_merchant("acme")
    link = link_in(run("create_user", EMAIL, "--merchant", "acme", "--role", "finance"))
    assert EMAIL in client.get(link).content.decode()
    assert client.post(link, {"name": "Inès", "password1": "short"}).status_code == 422
    answer = client.post(link, {"name": "Inès", "password1": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/setup/"
    dead = Client().get(link)
    assert (dead.status_code, "Ask for a new invitation" in dead.content.decode()) == (410, True)
    assert Client().post(link, {"name": "Eve", "password1": PASSWORD}).status_code == 410
    assert User.objects.get(email=EMAIL).check_password(PASSWORD)


def test_links_die_after_two_days_or_with_a_newer_one(client):
    first = link_in(run("create_user", EMAIL))
    second = link_in(run("create_user", EMAIL))
    assert client.get(first).status_code == 410
    with time_machine.travel(now() + timedelta(hours=47)):
        assert client.get(second).status_code == 200
    with time_machine.travel(now() + timedelta(hours=49)):
        assert client.get(second).status_code == 410
    assert client.get("/accounts/invite/junk/").status_code == 410


def test_no_link_for_somebody_who_has_a_password():
    run("create_user", EMAIL, "--password", PASSWORD)
    assert "/accounts/invite/" not in run("create_user", EMAIL)


def test_an_invitation_is_dead_once_a_password_was_set_another_way():
    link = link_in(run("create_user", EMAIL))
    change_password(user=User.objects.get(email=EMAIL), password=PASSWORD, request=None)
    assert Client().get(link).status_code == 410


def test_a_password_from_an_unconfirmed_sign_up_opens_nothing_once_the_address_is_invited():
    squatter = User.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=squatter, email=EMAIL, verified=False, primary=True)
    make_merchant("acme")
    told = run("create_user", EMAIL, "--merchant", "acme", "--role", "admin")
    assert "/accounts/invite/" in told
    assert not User.objects.get(email=EMAIL).check_password(PASSWORD)
    assert AuditEvent.objects.filter(action="person.password_removed", object_id=squatter.public_id).count() == 1


def test_otp_gives_unused_codes_of_demo_people(settings, client):
    settings.DEMO = True
    run("create_user", EMAIL, "--password", PASSWORD)
    device = confirmed_authenticator(User.objects.get(email=EMAIL))
    first = run("otp", EMAIL).strip()
    assert device.verify_token(first)
    second = run("otp", EMAIL).strip()
    assert second != first
    assert device.verify_token(second)


def test_otp_refuses_elsewhere(settings):
    make_person(EMAIL)
    with pytest.raises(CommandError, match="real installation"):
        run("otp", EMAIL)
    settings.DEMO = True
    with pytest.raises(CommandError, match="no authenticator"):
        run("otp", "nobody@acme.example")


def test_outside_a_demonstration_a_password_makes_no_authenticator():
    run("create_user", EMAIL, "--password", PASSWORD)
    assert confirmed_authenticator(User.objects.get(email=EMAIL)) is None
