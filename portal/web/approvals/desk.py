"""Who reads what waits for a second person, and from which face of the site."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from billing.approvals.models import Approval, ApprovalQuerySet
from billing.audit.actor import Actor
from portal.web.approvals.subjects import Subject


@dataclass(frozen=True)
class Desk:
    """``approvals`` are those that the reader may decide on, and ``by_person`` says whether lists name people of
    payments. ``payment_page`` and ``request_page`` answer addresses by a public id, of what was asked for and of the
    payment that it is about: empty where there is no such page, or none for the reader."""

    approvals: ApprovalQuerySet
    actor: Actor
    list_url: str
    zone: tzinfo
    by_person: bool
    for_staff: bool
    payment_page: Callable[[Approval, str], str]
    request_page: Callable[[Approval, Subject], str]

    def page(self, approval: Approval) -> str:
        return f"{self.list_url}{approval.public_id}/"

    def asked_for(self, approval: Approval) -> bool:
        """Whether the request is the reader's own."""
        return approval.requested_by_id == self.actor.id
