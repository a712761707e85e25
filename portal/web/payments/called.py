"""Who did something, as people read it."""

from typing import Protocol

from django.utils.translation import gettext

from billing.approvals.models import Approval


class Request(Protocol):
    requested_by_kind: str
    requested_by: str


def called(kind: str, label: str) -> str:
    """By name, and that it was somebody of the platform's staff; ``kind`` is that of an actor."""
    return gettext("%(who)s of the platform’s staff") % {"who": label} if kind == "staff" and label else label


def asked_by(request: Request) -> str:
    return called(request.requested_by_kind, request.requested_by)


def decided_by(approval: Approval) -> str:
    """Empty where nobody did."""
    return called(approval.decided_by_kind, approval.decided_by)
