"""Ends the sessions of people whose role at a merchant changes. billing knows no sessions, so it is told by signals."""

from typing import Any

from django.db.models.signals import post_delete, post_save

from billing.merchants.models import Membership
from portal.accounts.session import Session


def connect() -> None:
    post_save.connect(_changed, sender=Membership, dispatch_uid="role-changed")
    post_delete.connect(_ended, sender=Membership, dispatch_uid="role-ended")


def _changed(sender: type[Membership], instance: Membership, created: bool, **rest: Any) -> None:
    if not created:
        Session.objects.filter(user_id=instance.user_id).delete()


def _ended(sender: type[Membership], instance: Membership, **rest: Any) -> None:
    Session.objects.filter(user_id=instance.user_id).delete()
