"""What people asked of the processor about a payment, as lines of its timeline."""

import heapq
from collections.abc import Iterator, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.approvals.models import Decision
from billing.commands.models import CommandKind, CommandState, MoneyCommand
from portal.web.payments.called import asked_by, decided_by
from portal.web.payments.exchange_lines import exchange_lines
from portal.web.payments.follow_ups import FollowUps
from portal.web.payments.timeline import Kind, Line
from portal.web.reasons import hold_failure, request_failure
from reports.templatetags.money import money_plain

Text = str | Promise
AFTER_ALL = _("It counted as not carried out, but the processor has done it.")
_ASKED: Mapping[str, tuple[str, Text, Text]] = {
    CommandKind.REFUND: ("arrow-back-up", _("Refund of %(amount)s asked for"), _("Nothing was refunded")),
    CommandKind.CAPTURE: ("send", _("Capture of %(amount)s asked for"), _("Nothing was captured")),
    CommandKind.CANCEL: ("circle-x", _("Cancellation of %(amount)s asked for"), _("Nothing was cancelled")),
}
"""Icon, what was asked for, and what did not come of it."""
_LOOKS: Mapping[str, tuple[str, str]] = {
    CommandState.FAILED: ("danger", "x"),
    CommandState.CANCELLED: ("neutral", "circle-x"),
    CommandState.REJECTED: ("neutral", "circle-x"),
    CommandState.EXPIRED: ("neutral", "clock"),
}
_APPROVED: Mapping[str, Text] = {
    CommandKind.REFUND: _("Refund of %(amount)s approved"),
    CommandKind.CAPTURE: _("Capture of %(amount)s approved"),
    CommandKind.CANCEL: _("Cancellation of %(amount)s approved"),
}
# Those that made something are told by what they made.
_ENDS: Mapping[tuple[str, str], Text] = {
    (CommandKind.REFUND, CommandState.FAILED): _("Refund of %(amount)s not carried out"),
    (CommandKind.REFUND, CommandState.CANCELLED): _("Refund of %(amount)s withdrawn before it was sent"),
    (CommandKind.REFUND, CommandState.REJECTED): _("Refund of %(amount)s rejected by a second person"),
    (CommandKind.REFUND, CommandState.EXPIRED): _("Refund of %(amount)s not approved in time"),
    (CommandKind.CAPTURE, CommandState.FAILED): _("Capture of %(amount)s not carried out"),
    (CommandKind.CAPTURE, CommandState.CANCELLED): _("Capture of %(amount)s withdrawn before it was sent"),
    (CommandKind.CAPTURE, CommandState.REJECTED): _("Capture of %(amount)s rejected by a second person"),
    (CommandKind.CAPTURE, CommandState.EXPIRED): _("Capture of %(amount)s not approved in time"),
    (CommandKind.CANCEL, CommandState.FAILED): _("Cancellation of %(amount)s not carried out"),
    (CommandKind.CANCEL, CommandState.CANCELLED): _("Cancellation of %(amount)s withdrawn before it was sent"),
    (CommandKind.CANCEL, CommandState.REJECTED): _("Cancellation of %(amount)s rejected by a second person"),
    (CommandKind.CANCEL, CommandState.EXPIRED): _("Cancellation of %(amount)s not approved in time"),
}


def with_requests(lines: Sequence[Line], after: FollowUps) -> list[Line]:
    """Newest first. ``lines`` keep the order among themselves, which knows more than their times. What was said with
    the processor about a request is told where that has no page of its own."""
    for each in after.requests:
        _put_after(each, lines)
    told = (line for each in after.requests for line in _lines(each, after))
    asked = sorted(told, key=lambda line: line.at, reverse=True)
    return list(heapq.merge(lines, asked, key=lambda line: line.at, reverse=True))


def _put_after(command: MoneyCommand, lines: Sequence[Line]) -> None:
    """The processor counts in whole seconds: what it did in that of a capture, it did not before that was sent."""
    sent = command.first_sent_at
    if command.kind == CommandKind.REFUND or sent is None:
        return
    for line in lines:
        if sent.replace(microsecond=0) <= line.at < sent:
            line.at = sent


def _lines(command: MoneyCommand, after: FollowUps) -> Iterator[Line]:
    amount = {"amount": money_plain(command.amount, command.currency)}
    icon, asked, nothing = _ASKED[command.kind]
    yield Line("neutral", icon, str(asked) % amount, command.requested_at, asked_by(command), kind=Kind.MONEY)
    decision = after.decisions.get(command.public_id)
    if decision is not None and decision.decision == Decision.APPROVED and decision.decided_at is not None:
        what = str(_APPROVED[command.kind]) % amount
        yield Line("neutral", "check", what, decision.decided_at, decided_by(decision), kind=Kind.MONEY)
    for line in exchange_lines(command.kind, after.exchanges.get(command.pk, ())):
        line.kind = Kind.MONEY
        yield line
    end = _ENDS.get((command.kind, command.command_state))
    if end is not None and command.settled_at is not None:
        family, icon = _LOOKS[command.command_state]
        why = _why_failed(command) or after.ended_by.get(command.public_id) or nothing
        yield Line(family, icon, str(end) % amount, command.settled_at, why, kind=Kind.MONEY)


def _why_failed(command: MoneyCommand) -> str:
    if command.command_state != CommandState.FAILED:
        return ""
    if command.external_id:
        return str(AFTER_ALL)
    of_its_kind = request_failure if command.kind == CommandKind.REFUND else hold_failure
    return of_its_kind(command.failure_code, command.failure_message)
