"""Gives a person an authenticator, and takes it away again."""

import secrets

import segno
from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from portal.accounts.second_factor import Authenticator, StaticCode
from portal.accounts.user import User

_KEY_BYTES = 20


def confirmed_authenticator(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, confirmed=True).first()


def pending_authenticator(user: User) -> Authenticator:
    """The authenticator that this person is about to set up, with a key that nobody has seen before."""
    device = Authenticator(user=user, name="Authenticator app", confirmed=False, key=secrets.token_hex(_KEY_BYTES))
    with transaction.atomic():
        Authenticator.objects.filter(user=user, confirmed=False).delete()
        device.save(force_insert=True)
    return device


def confirm_authenticator(*, device: Authenticator, by: Actor) -> None:
    """From now on this one is asked for; the one before it is gone, and with it every session that it opened."""
    with transaction.atomic():
        replaced, _ = Authenticator.objects.filter(user=device.user, confirmed=True).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        action = "person.authenticator_replaced" if replaced else "person.authenticator_set_up"
        _record(by, device.user, action)


def remove_second_factor(*, user: User, by: Actor, reason: str = "") -> None:
    """For somebody who lost phone and codes: the next sign-in sets everything up again."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        StaticCode.objects.filter(user=user).delete()
        _record(by, user, "person.second_factor_removed", reason)


def qr_data_uri(device: Authenticator) -> str:
    """The key as a picture for an <img src>; dark on white in both themes, since cameras want that."""
    return segno.make(device.uri, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff")


def _record(by: Actor, user: User, action: str, reason: str = "") -> None:
    record(merchant_id=None, actor=by, action=action, object_type="user", object_id=user.public_id, reason=reason)
