"""What people asked of the processor about a payment, as lines of its timeline."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandState, MoneyCommand
from portal.web.payments.timeline import Kind, Line
from portal.web.reasons import request_failure
from reports.templatetags.money import money_plain

# Those that made something are told by what they made.
_ENDS: Mapping[str, tuple[str, str, str | Promise]] = {
    CommandState.FAILED: ("danger", "x", _("Refund of %(amount)s not carried out")),
    CommandState.CANCELLED: ("neutral", "circle-x", _("Refund of %(amount)s withdrawn before it was sent")),
    CommandState.REJECTED: ("neutral", "circle-x", _("Refund of %(amount)s rejected by a second person")),
    CommandState.EXPIRED: ("neutral", "clock", _("Refund of %(amount)s not approved in time")),
}


def with_requests(lines: Sequence[Line], requests: Iterable[MoneyCommand]) -> list[Line]:
    """Newest first. ``lines`` keep the order among themselves, which knows more than their times."""
    asked = sorted((line for each in requests for line in _lines(each)), key=lambda line: line.at, reverse=True)
    return list(heapq.merge(asked, lines, key=lambda line: line.at, reverse=True))


def _lines(command: MoneyCommand) -> Iterator[Line]:
    amount = {"amount": money_plain(command.amount, command.currency)}
    asked = gettext("Refund of %(amount)s asked for") % amount
    yield Line("neutral", "arrow-back-up", asked, command.requested_at, command.requested_by, kind=Kind.MONEY)
    end = _ENDS.get(command.command_state)
    if end is not None and command.settled_at is not None:
        family, icon, what = end
        failed = command.command_state == CommandState.FAILED
        why = request_failure(command.failure_code, command.failure_message) if failed else _("Nothing was refunded")
        yield Line(family, icon, str(what) % amount, command.settled_at, why, kind=Kind.MONEY)
