"""What a request carries once a guard has admitted it. Views name one of these as the type of their request."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from billing.access.verbs import P
from billing.audit.actor import Actor
from billing.merchants.models import Membership, Merchant

if TYPE_CHECKING:
    from portal.access.visit import StaffVisit
    from portal.accounts.user import User


class PublicRequest(HttpRequest):
    """Behind public_view."""

    htmx: HtmxDetails
    request_id: str


class PersonRequest(PublicRequest):
    """Behind person_view and staff_view: signed in with a second factor."""

    user: "User"
    actor: Actor
    # What the role that this page asks for may do, and whether a verb is among it.
    verbs: frozenset[P]
    can: Callable[[P], bool]


class MerchantRequest(PersonRequest):
    """Behind merchant_view."""

    # All of this person's, by the name of the merchant.
    memberships: list[Membership]
    # One of these two: staff who look at a merchant's pages have a visit instead of a membership.
    membership: Membership | None
    visit: "StaffVisit | None"
    merchant: Merchant
    livemode: bool
