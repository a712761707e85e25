"""Closed accounts, unused accounts, and what the sweeper tidies."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command

from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.clock import now
from portal.access.draft import Draft
from portal.accounts.known_device import KnownDevice
from portal.accounts.session import Session
from portal.accounts.standing import close_account, close_unused_accounts
from portal.accounts.tidy import tidy
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db


def test_closing_signs_out_and_is_recorded_once():
    user = make_person()
    client = signed_in(user)
    for _ in range(2):
        close_account(user=user, by=SYSTEM, reason="left the company")
    assert client.get("/me/profile/").status_code == 302
    assert AuditEvent.objects.filter(action="person.closed", object_id=user.public_id).count() == 1


def test_accounts_are_closed_after_ninety_unused_days_and_can_be_opened():
    used, unused, invited = make_person(), make_person(), make_person()
    signed_in(unused)
    with time_machine.travel(now() + timedelta(days=60)):
        signed_in(used)
    with time_machine.travel(now() + timedelta(days=91)):
        assert close_unused_accounts() == 2
        for person in (used, unused, invited):
            person.refresh_from_db()
        assert (used.is_active, unused.is_active, invited.is_active) == (True, False, False)
        call_command("unlock_user", unused.email, reason="back from leave", verbosity=0)
        unused.refresh_from_db()
        assert unused.is_active
        assert close_unused_accounts() == 0


def test_a_demonstration_closes_nobody(settings):
    settings.DEMO = True
    make_person()
    with time_machine.travel(now() + timedelta(days=91)):
        assert close_unused_accounts() == 0


def test_what_is_over_is_forgotten():
    user = make_person()
    signed_in(user)
    soon = now() + timedelta(minutes=10)
    Draft.objects.create(user=user, page="/", fields="{}", expires_at=soon)
    KnownDevice.objects.create(user=user, label="Firefox", expires_at=soon)
    tidy()
    assert (Session.objects.count(), Draft.objects.count(), KnownDevice.objects.count()) == (1, 1, 1)
    with time_machine.travel(now() + timedelta(hours=13)):
        tidy()
    assert (Session.objects.count(), Draft.objects.count(), KnownDevice.objects.count()) == (0, 0, 0)
