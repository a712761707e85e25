"""Whether the personal data of customers may be shown in full."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from billing import clock
from billing.access.verbs import P
from billing.customers.reveal import Viewer, viewers_of
from billing.merchants.models import Merchant
from portal.web.request import MerchantRequest, PersonRequest


def sees_people(request: MerchantRequest) -> bool:
    """In lists. In test mode nobody real is behind them; staff see them masked everywhere, also as guests."""
    if getattr(request, "merchant", None) is None or request.visit:
        return False
    return not request.livemode or request.can(P.CUSTOMER_REVEAL)


class _Sight:
    """What one person sees on the page of one object: masked for everybody until they have it shown, which the trail
    remembers (docs/adr/0016)."""

    request: PersonRequest
    merchant: Merchant
    object_type: str
    object_id: str
    # Whether anything is masked here, and what shows it.
    hides: bool
    verb: ClassVar[P]

    @cached_property
    def _now(self) -> datetime:
        return clock.now()

    @cached_property
    def viewers(self) -> Sequence[Viewer]:
        """Nobody is recorded where nothing is hidden."""
        return viewers_of(self.merchant, self.object_type, self.object_id) if self.hides else ()

    @property
    def may_reveal(self) -> bool:
        return self.request.can(self.verb)

    @property
    def changes(self) -> bool:
        """Whether what is masked can be shown to this person."""
        return self.hides and self.may_reveal

    @cached_property
    def until(self) -> datetime | None:
        """When it is masked again for this person; None while it is, or where it never was."""
        own = next((each for each in self.viewers if each.actor_id == self.request.actor.id), None)
        return own.until if own and self.may_reveal and self._now < own.until else None

    @property
    def masked(self) -> bool:
        return self.hides and self.until is None

    @property
    def seconds_left(self) -> int:
        """Until a region that shows more must ask anew; 0 where nothing ends."""
        return int((self.until - self._now).total_seconds()) + 1 if self.until else 0


class Sight(_Sight):
    """On a merchant's own pages. In test mode nobody real is behind the data, but to guests nobody is shown."""

    verb = P.CUSTOMER_REVEAL

    def __init__(self, request: MerchantRequest, object_type: str, object_id: str) -> None:
        self.request, self.merchant = request, request.merchant
        self.object_type, self.object_id = object_type, object_id
        self.hides = request.livemode or request.visit is not None


class StaffSight(_Sight):
    """On pages of staff, who see people masked in either mode."""

    verb = P.OPS_CUSTOMER_REVEAL
    hides = True

    def __init__(self, request: PersonRequest, merchant: Merchant, object_type: str, object_id: str) -> None:
        self.request, self.merchant = request, merchant
        self.object_type, self.object_id = object_type, object_id


class UnseenSight(StaffSight):
    """Where staff type: nothing there asks for itself anew, so what was shown for a while would stay."""

    until = None
