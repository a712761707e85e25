"""What happened to one refund, from the request on: our own words about it and the processor's, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.models import Approval, Decision
from billing.commands.models import CommandState, MoneyCommand
from billing.payments.queries import PaymentRecord
from billing.refunds.queries import RefundRecord
from billing.refunds.released import Release
from portal.web.payments.called import asked_by, decided_by
from portal.web.payments.exchange_lines import exchange_lines
from portal.web.payments.request_lines import AFTER_ALL
from portal.web.payments.timeline import Line, tell
from portal.web.reasons import request_failure
from reports.templatetags.money import money_plain

Text = str | Promise
# Of requests that made nothing.
_ENDS: Mapping[str, tuple[str, str, Text]] = {
    CommandState.FAILED: ("danger", "x", _("Not carried out")),
    CommandState.CANCELLED: ("neutral", "circle-x", _("Withdrawn before it was sent")),
    CommandState.REJECTED: ("neutral", "circle-x", _("Rejected by a second person")),
    CommandState.EXPIRED: ("neutral", "clock", _("Not approved in time")),
}


@dataclass(frozen=True, slots=True)
class RefundLines:
    """``decision`` is what was decided on the request, None where nothing was; ``ended_by`` is who took it back or
    rejected it, where somebody did; ``releases`` as in tell()."""

    record: RefundRecord
    payment: PaymentRecord
    zone: tzinfo
    decision: Approval | None
    ended_by: str
    releases: Mapping[str, Release]

    def tell(self) -> list[Line]:
        return [*self._oldest_first()][::-1]

    def _oldest_first(self) -> Iterator[Line]:
        command = self.record.request
        ours = list(self._asked_here(command)) if command is not None else []
        # The processor counts in whole seconds: what it made of a request it never made before that was sent.
        theirs = self._told(command.first_sent_at if command is not None else None)
        # In this order where the times are the same.
        yield from sorted([*ours, *theirs], key=lambda line: line.at)

    def _asked_here(self, command: MoneyCommand) -> Iterator[Line]:
        asked = gettext("Refund of %(amount)s asked for") % {"amount": money_plain(command.amount, command.currency)}
        yield Line("neutral", "arrow-back-up", asked, command.requested_at, asked_by(command))
        decision = self.decision
        if decision is not None and decision.decision == Decision.APPROVED and decision.decided_at is not None:
            what = gettext("Approved by a second person")
            yield Line("neutral", "check", what, decision.decided_at, decided_by(decision))
        yield from exchange_lines(command.kind, self.record.exchanges)
        end = _ENDS.get(command.command_state)
        if end is not None and command.settled_at is not None:
            failed = command.command_state == CommandState.FAILED
            why = _why_failed(command) if failed else self.ended_by
            family, icon, words = end
            yield Line(family, icon, str(words), command.settled_at, why)

    def _told(self, not_before: datetime | None) -> list[Line]:
        """What the processor tells of the refund, oldest first."""
        refund = self.record.refund
        if refund is None:
            return []
        about = [each for each in self.payment.activity if each.object_id == refund.external_id]
        lines = tell(replace(self.payment, activity=about), zone=self.zone, releases=self.releases)[::-1]
        for line in lines:
            line.at = max(line.at, not_before) if not_before else line.at
        return lines


def _why_failed(command: MoneyCommand) -> str:
    if command.external_id:
        return str(AFTER_ALL)
    return request_failure(command.failure_code, command.failure_message)
