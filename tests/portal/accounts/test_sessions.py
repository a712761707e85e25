"""Sessions end when they should, and people see and end their own."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import SYSTEM
from billing.clock import now
from billing.merchants.members import change_role, remove_membership
from billing.merchants.models import Membership
from portal.accounts.change_password import change_password
from portal.accounts.create_person import set_staff_role
from portal.accounts.enrol import remove_second_factor
from portal.accounts.session import Session
from tests.portal.people import PASSWORD, make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/me/profile/"


def is_in(client: Client, page: str = PAGE) -> bool:
    return client.get(page).status_code == 200


def test_an_idle_session_ends_after_a_quarter_of_an_hour():
    client = signed_in(make_person())
    with time_machine.travel(now() + timedelta(minutes=14, seconds=50)):
        assert is_in(client)
    with time_machine.travel(now() + timedelta(minutes=30)):
        assert not is_in(client)


def test_work_keeps_it_alive_but_not_for_ever(settings):
    settings.SESSION_COOKIE_AGE = 3600
    client = signed_in(make_person())
    begun = now()
    for minutes in range(12, 60, 12):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            assert is_in(client)
    with time_machine.travel(begun + timedelta(minutes=61)):
        assert not is_in(client)


def test_panels_that_load_by_themselves_do_not_keep_it_alive():
    client = signed_in(make_person())
    for minutes in (5, 10, 14):
        with time_machine.travel(now() + timedelta(minutes=minutes)):
            assert client.get("/me/sessions/_/list/", HTTP_HX_REQUEST="true").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert not is_in(client)


def test_last_seen_is_written_once_a_minute(django_assert_num_queries):
    client = signed_in(make_person())
    row = Session.objects.get(session_key=client.session.session_key)
    with time_machine.travel(row.last_seen_at + timedelta(seconds=59)):
        is_in(client)
    row.refresh_from_db()
    first = row.last_seen_at
    with time_machine.travel(first + timedelta(seconds=61)):
        is_in(client)
    row.refresh_from_db()
    assert row.last_seen_at > first


def test_a_new_password_ends_all_sessions():
    user = make_person()
    client = signed_in(user)
    change_password(user=user, password="copper-kettle-93", request=None)
    assert not is_in(client)


def test_a_role_ends_sessions():
    user = make_person(staff_role=StaffRole.AGENT)
    client = signed_in(user)
    set_staff_role(user=user, role=StaffRole.ADMIN, by=SYSTEM)
    assert not is_in(client)


def test_a_changed_or_ended_membership_ends_sessions():
    merchant = make_merchant()
    make_person(merchant=merchant)
    user = make_person(merchant=merchant, role=MerchantRole.ADMIN)
    client = signed_in(user)
    membership = Membership.objects.get(user=user)
    change_role(membership=membership, role=MerchantRole.VIEWER, by=SYSTEM)
    assert not is_in(client)
    client = signed_in(user)
    remove_membership(membership=membership, by=SYSTEM)
    assert not is_in(client)


def test_without_the_factor_a_session_is_none():
    user = make_person()
    client = signed_in(user)
    remove_second_factor(user=user, by=SYSTEM)
    assert not is_in(client)
    assert not Session.objects.filter(user=user).exists()


def test_a_closed_account_is_signed_out():
    user = make_person()
    client = signed_in(user)
    user.disabled_at = now()
    user.save(update_fields=["disabled_at"])
    assert not is_in(client)


def test_people_end_their_own_sessions_only():
    user = make_person()
    here, there, third, stranger = signed_in(user), signed_in(user), signed_in(user), signed_in(make_person())
    foreign = Session.objects.get(session_key=stranger.session.session_key)
    assert here.post(f"/me/sessions/{foreign.public_id}/end/").status_code == 404
    own = Session.objects.get(session_key=there.session.session_key)
    assert here.post(f"/me/sessions/{own.public_id}/end/").status_code == 303
    assert (is_in(here), is_in(there), is_in(third), is_in(stranger)) == (True, False, True, True)
    here.post("/me/sessions/others/end/")
    assert (is_in(here), is_in(third), is_in(stranger)) == (True, False, True)


@pytest.mark.parametrize("path", ["/me/sessions/%00/end/", "/me/security/devices/%00/forget/"])
def test_junk_instead_of_an_id_is_not_found(path):
    assert signed_in(make_person()).post(path).status_code == 404


def test_the_page_shows_no_session_key():
    client = signed_in(make_person())
    page = client.get("/me/sessions/").content.decode()
    assert client.session.session_key not in page
    assert page.count("this one") == 1


def test_changing_the_password_keeps_this_session_under_a_new_id():
    user = make_person(password=PASSWORD)
    here, there = signed_in(user), signed_in(user)
    before = here.session.session_key
    answer = here.post("/me/security/password/", {"oldpassword": PASSWORD, "password1": "copper-kettle-93"})
    assert answer.status_code == 303
    assert here.session.session_key != before
    assert (is_in(here), is_in(there)) == (True, False)


def test_a_wrong_current_password_changes_nothing():
    user = make_person(password=PASSWORD)
    answer = signed_in(user).post("/me/security/password/", {"oldpassword": "x", "password1": "copper-kettle-93"})
    assert answer.status_code == 422
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_cookies_are_locked_to_the_host_under_https():
    probe = (
        "from portal import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.SECURE_HSTS_SECONDS)"
    )
    environment = {**os.environ, "COUNTERFOIL_PUBLIC_URL": "https://pay.example", "DJANGO_SETTINGS_MODULE": ""}
    run = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["__Host-session", "True", "__Host-csrf", "31536000"]
