"""What people asked of the processor about a payment, as lines of its timeline."""

import heapq
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext

from billing.commands.models import CommandState, MoneyCommand
from portal.web.payments.timeline import Kind, Line
from portal.web.reasons import request_failure
from reports.templatetags.money import money_plain


def with_requests(lines: Sequence[Line], requests: Iterable[MoneyCommand]) -> list[Line]:
    """Newest first. ``lines`` keep the order among themselves, which knows more than their times."""
    asked = sorted((line for each in requests for line in _lines(each)), key=lambda line: line.at, reverse=True)
    return list(heapq.merge(asked, lines, key=lambda line: line.at, reverse=True))


def _lines(command: MoneyCommand) -> Iterator[Line]:
    amount = {"amount": money_plain(command.amount, command.currency)}
    asked = gettext("Refund of %(amount)s asked for") % amount
    yield Line("neutral", "arrow-back-up", asked, command.requested_at, command.requested_by, kind=Kind.MONEY)
    if command.settled_at is None:
        return
    if command.command_state == CommandState.FAILED:
        what = gettext("Refund of %(amount)s not carried out") % amount
        why = request_failure(command.failure_code, command.failure_message)
        yield Line("danger", "x", what, command.settled_at, why, kind=Kind.MONEY)
    elif command.command_state == CommandState.CANCELLED:
        what = gettext("Refund of %(amount)s withdrawn before it was sent") % amount
        yield Line("neutral", "circle-x", what, command.settled_at, gettext("Nothing was refunded"), kind=Kind.MONEY)
