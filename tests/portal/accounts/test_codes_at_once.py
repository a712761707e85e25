"""A code that two browsers send at the same moment signs in one of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import django_otp
from django.db import connection

from billing.audit.actor import SYSTEM
from portal.accounts.codes import new_codes, use_code
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.second_factor import current_step
from tests.portal.people import make_person


def _at_once(act: Callable[[], bool]) -> int:
    def one(_: int) -> bool:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        return sum(pool.map(one, range(12)))


def test_an_authenticator_code(committed_db):
    user = make_person()
    device = confirmed_authenticator(user)
    code = device.code(current_step())
    assert _at_once(lambda: django_otp.verify_token(user, device.persistent_id, code) is not None) == 1


def test_a_recovery_code(committed_db):
    user = make_person()
    code = new_codes(user=user, by=SYSTEM)[0]
    assert _at_once(lambda: use_code(user=user, typed=code, by=SYSTEM)) == 1
