"""Whether the personal data of customers may be shown in full."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from billing import clock
from billing.access.verbs import P
from billing.customers.reveal import Viewer, viewers_of
from portal.web.request import MerchantRequest


def sees_people(request: MerchantRequest) -> bool:
    """In lists. In test mode nobody real is behind them; staff see them masked everywhere, also as guests."""
    if getattr(request, "merchant", None) is None or request.visit:
        return False
    return not request.livemode or request.can(P.CUSTOMER_REVEAL)


@dataclass
class Sight:
    """What one person sees on the page of one object: masked for everybody until they have it shown, which the trail
    remembers (docs/adr/0016)."""

    request: MerchantRequest
    object_type: str
    object_id: str
    _now: datetime = field(default_factory=clock.now)

    @cached_property
    def viewers(self) -> Sequence[Viewer]:
        """Nobody is recorded in test mode, where nobody real is behind the data."""
        if not self.request.livemode:
            return ()
        return viewers_of(self.request.merchant, self.object_type, self.object_id)

    @property
    def may_reveal(self) -> bool:
        return self.request.can(P.CUSTOMER_REVEAL)

    @cached_property
    def until(self) -> datetime | None:
        """When it is masked again for this person; None while it is, or where it never was."""
        own = next((each for each in self.viewers if each.actor_id == self.request.actor.id), None)
        return own.until if own and self.may_reveal and self._now < own.until else None

    @property
    def masked(self) -> bool:
        return self.request.visit is not None or (self.request.livemode and self.until is None)

    @property
    def seconds_left(self) -> int:
        """Until a region that shows more must ask anew; 0 where nothing ends."""
        return int((self.until - self._now).total_seconds()) + 1 if self.until else 0
