"""/me/, the step-up page and the demonstration's mails."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage, get_connection

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import SYSTEM
from billing.clock import now
from billing.merchants.members import grant_membership
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.known_device import KnownDevice
from portal.accounts.second_factor import Authenticator, current_step
from portal.accounts.session import Session
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page",
    [
        "profile",
        "security",
        "security/password",
        "security/codes",
        "security/authenticator",
        "sessions",
        "appearance",
        "shortcuts",
    ],
)
def test_pages_are_shown(page):
    assert signed_in(make_person()).get(f"/me/{page}/").status_code == 200


def test_people_set_their_theme_zone_and_keys():
    user = make_person()
    client = signed_in(user)
    client.post("/me/appearance/", {"theme": "dark"})
    client.post(
        "/me/profile/", {"name": "Pia", "timezone": "Asia/Tokyo", "staff_role": "admin", "email": "x@y.example"}
    )
    client.post("/me/shortcuts/", {})
    before = user.email
    user.refresh_from_db()
    assert (user.theme, user.name, user.timezone, user.shortcuts_enabled) == ("dark", "Pia", "Asia/Tokyo", False)
    assert (user.staff_role, user.email) == ("", before)
    refused = client.post("/me/appearance/", {"theme": "neon"})
    assert refused.status_code == 422


def test_new_recovery_codes_are_shown_by_the_post_only():
    user = make_person()
    client = signed_in(user)
    page = client.post("/me/security/codes/").content.decode()
    codes = re.findall(r"<li>(\w{4}-\w{4})</li>", page)
    assert len(codes) == 10
    assert codes[0] not in client.get("/me/security/codes/").content.decode()
    assert mail.outbox[0].to == [user.email]


def test_sensitive_pages_ask_for_a_fresh_code_and_come_back():
    user = make_person()
    client = signed_in(user, factor_at=now() - timedelta(minutes=6))
    away = client.get("/me/security/codes/")["Location"]
    assert away == "/accounts/reauthenticate/?next=%2Fme%2Fsecurity%2Fcodes%2F"
    assert client.post(away, {"code": "000000"}).status_code == 422
    code = confirmed_authenticator(user).code(current_step())
    assert client.post(away, {"code": code})["Location"] == "/me/security/codes/"
    assert client.get("/me/security/codes/").status_code == 200
    foreign = client.post(
        "/accounts/reauthenticate/?next=https://evil.example/",
        {"code": confirmed_authenticator(user).code(current_step() + 1)},
    )
    assert foreign["Location"] == "/"


def test_a_new_authenticator_replaces_the_old_one_and_ends_other_sessions():
    user = make_person()
    here, there = signed_in(user), signed_in(user)
    old = confirmed_authenticator(user)
    here.post("/me/security/authenticator/")
    pending = Authenticator.objects.get(user=user, confirmed=False)
    assert here.post("/me/security/authenticator/", {"code": "000000"}).status_code == 422
    assert confirmed_authenticator(user) == old
    answer = here.post("/me/security/authenticator/", {"code": pending.code(current_step())})
    assert answer.status_code == 303
    assert confirmed_authenticator(user) == pending
    assert here.get("/me/profile/").status_code == 200
    assert there.get("/me/profile/").status_code == 302
    assert Session.objects.filter(user=user).count() == 1


def test_devices_are_forgotten_by_their_owner_only():
    user, stranger = make_person(), make_person()
    device = KnownDevice.objects.create(user=user, label="Firefox on Linux", expires_at=now() + timedelta(days=1))
    path = f"/me/security/devices/{device.public_id}/forget/"
    assert signed_in(stranger).post(path).status_code == 404
    client = signed_in(user)
    assert "Firefox on Linux" in client.get("/me/security/").content.decode()
    assert client.post(path).status_code == 303
    assert not KnownDevice.objects.exists()


def test_somebody_without_a_merchant_is_told_what_to_do():
    page = signed_in(make_person()).get("/").content.decode()
    assert "You belong to no merchant yet" in page
    assert "Ask an owner or admin" in page


def test_the_mails_of_a_demonstration_are_shown_as_text(settings, tmp_path, client):
    settings.DEMO = True
    settings.EMAIL_FILE_PATH = str(tmp_path)
    box = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=tmp_path)
    EmailMessage(
        "Confirm <b>it</b>",
        "Hello <script>alert(1)</script>\nhttp://x.example/a",
        "a@x.example",
        ["pat@x.example"],
        connection=box,
    ).send()
    page = client.get("/dev/mail/").content.decode()
    assert "Confirm &lt;b&gt;it&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert 'href="http://x.example/a"' in page


def test_outside_a_demonstration_there_are_no_mails(client, settings, tmp_path):
    settings.DEMO = False
    settings.EMAIL_FILE_PATH = str(tmp_path)
    assert client.get("/dev/mail/").status_code == 404


def test_two_merchants_are_a_choice():
    user = make_person(merchant=make_merchant("acme"))
    grant_membership(merchant=make_merchant("globex"), user=user, role=MerchantRole.VIEWER, by=SYSTEM)
    page = signed_in(user).get("/").content.decode()
    assert "/m/acme/test/" in page
    assert "/m/globex/test/" in page


def test_staff_start_at_their_work():
    assert signed_in(make_person(staff_role=StaffRole.AGENT)).get("/")["Location"].startswith("/ops/")
