"""Who acts in a request, as the audit trail names them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from django.http import HttpRequest

from billing.audit.actor import Actor
from portal.web.address import client_address

if TYPE_CHECKING:
    from portal.accounts.user import User


def as_member(actor: Actor) -> Actor:
    """For whoever acts as one of a merchant's people, staff elsewhere or not."""
    return replace(actor, kind="user")


def actor_of(request: HttpRequest, user: "User") -> Actor:
    return Actor(
        kind="staff" if user.staff_role else "user",
        id=user.public_id,
        label=user.label,
        request_id=getattr(request, "request_id", ""),
        address=client_address(request) or "",
    )
