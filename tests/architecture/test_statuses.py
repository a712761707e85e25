"""Every status that a row can have is a word, a colour and a sentence for people."""

from collections.abc import Mapping, Sequence

import pytest
from django.db.models import TextChoices

from billing.queue.models import State
from billing.webhooks.models import Outcome
from reports.status import FAMILY_ICONS, STATUSES, Status, event_value, our_word

# What a column holds, and under which kind people read it. A new enumeration is added to one of these.
KINDS = {
    "PaymentStatus": "payment",
    "RefundStatus": "refund",
    "CommandState": "command",
    "Reply": "reply",
    "DisputeStatus": "dispute",
    "PayoutStatus": "payout",
    "Decision": "approval",
    "Outcome": "event_run",
    "ConnectionStatus": "connection",
}
# Shown by another way: an event's state through event_value(), roles and choices of forms by their labels.
NOT_STATUSES = {
    *("State", "Provider", "MerchantRole", "StaffRole", "Theme", "Origin"),
    # What was asked, and calls about it with their replies, are told by their own words.
    *("CommandKind", "RefundReason", "CancelReason", "Call", "Reply"),
    # What customers are told, and why they were not.
    *("ReceiptKind", "ReceiptOutcome"),
    # What limits are about, and what came of a new one, which its approval tells.
    *("Action", "ChangeState"),
    # Accounts and entries of the books are called by their labels.
    *("Code", "EntryKind"),
    # Why a balance differs is a sentence of its own.
    "Cause",
    *("RunKind", "RunEnd", "FindingKind", "Audience", "SubjectKind", "ListKind", "Channel"),
}


def unmapped(kind: str, values: Sequence[str], statuses: Mapping[str, Mapping[str, Status]]) -> list[str]:
    found = {value: statuses[kind].get(our_word(value)) for value in values}
    return [
        f"{kind}: {value}"
        for value, status in found.items()
        if status is None or status.family not in FAMILY_ICONS or not status.explanation
    ]


def _enumerations() -> dict[str, list[str]]:
    """Every enumeration of ours by its name."""
    ours = ("billing.", "disputes.", "reports.", "portal.")
    return {kind.__name__: kind.values for kind in TextChoices.__subclasses__() if kind.__module__.startswith(ours)}


def test_every_enumeration_is_shown_somehow() -> None:
    assert sorted(_enumerations().keys() - KINDS.keys() - NOT_STATUSES) == []


@pytest.mark.parametrize(("enumeration", "kind"), KINDS.items())
def test_every_member_has_a_status_for_people(enumeration: str, kind: str) -> None:
    assert unmapped(kind, _enumerations()[enumeration], STATUSES) == []


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("attempts", [0, 3])
@pytest.mark.parametrize("outcome", ["", *Outcome.values])
def test_every_state_of_an_event_has_a_status_for_people(state: str, attempts: int, outcome: str) -> None:
    assert event_value(state=state, attempts=attempts, outcome=outcome) in STATUSES["event"]


def test_a_member_without_a_status_is_found() -> None:
    statuses = {"payment": {"succeeded": Status("ok", "Succeeded", "Paid."), "lost": Status("ok", "Lost")}}
    assert unmapped("payment", ["succeeded", "lost", "new"], statuses) == ["payment: lost", "payment: new"]
