"""Sets a password, whichever way it came."""

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor, command
from billing.audit.record import record
from portal.access.actor import actor_of
from portal.accounts import notices
from portal.accounts.invitation import Invitation
from portal.accounts.session import Session
from portal.accounts.user import User


def change_password(*, user: User, password: str, request: HttpRequest | None) -> None:
    """All sessions of this person end, except the one that asks."""
    by = actor_of(request, user) if request else command("create_user")
    had_one = user.has_usable_password()
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password", "password_changed_at"])
        # A link that sets the first password must not set a second one.
        Invitation.objects.filter(user=user, used_at=None).delete()
        end_sessions(user=user, spare=request.session.session_key if request else None)
        _record(user, by, "person.password_changed" if had_one else "person.password_set")
    if request and had_one:
        notices.account_changed(request, user, _("The password was changed."))


def end_sessions(*, user: User, spare: str | None = None) -> int:
    """Signs this person out everywhere, but for the session with that key. Returns how many ended."""
    ended, _ = Session.objects.filter(user=user).exclude(session_key=spare or "").delete()
    return ended


def _record(user: User, by: Actor, action: str) -> None:
    record(merchant_id=None, actor=by, action=action, object_type="user", object_id=user.public_id)
