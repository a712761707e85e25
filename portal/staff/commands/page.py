"""Everything that the page of one money request shows: what was asked, what was answered, what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P
from billing.audit.models import AuditEvent
from billing.commands.by_hand import CallUnderWay, NotInDoubt, is_settleable
from billing.commands.doubts import doubt_of, in_doubt
from billing.commands.models import Call, CommandExchange, CommandState, MoneyCommand
from billing.queue.backoff import MAX_ATTEMPTS
from billing.queue.models import State
from portal.web.events.detail import without_people
from portal.web.events.lag import lag_text
from portal.web.json_text import json_lines
from portal.web.request import PersonRequest
from reports.status import describe

Text = str | Promise
_QUEUE_STATES: dict[str, Text] = {
    State.LEASED: _("A worker has it"),
    State.PARKED: _("Waits for a second person"),
    State.DONE: _("Done"),
    State.DEAD: _("Given up: nobody works on it any more"),
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """``said`` is the processor's own words, empty where it gave none."""

    call: CommandExchange
    took: str
    said: str


@dataclass(frozen=True)
class CommandPage:
    command: MoneyCommand
    can: Callable[[P], bool]

    @property
    def url(self) -> str:
        return reverse("ops:command", kwargs={"command": self.command.public_id})

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """Newest first."""
        return [_exchange(call) for call in self.command.exchanges.order_by("-began_at", "-pk")]

    @property
    def is_open(self) -> bool:
        return self.command.settled_at is None

    @cached_property
    def doubt(self) -> str:
        """Empty for one that goes on by itself, or ended as it should."""
        return doubt_of(self.command) if in_doubt().filter(pk=self.command.pk).exists() else ""

    @property
    def sentence(self) -> str:
        kind, value = ("doubt", self.doubt) if self.doubt else ("command", self.command.command_state)
        return str(describe(kind, value).explanation)

    @property
    def asked_at(self) -> datetime | None:
        return next((each.call.began_at for each in self.exchanges if each.call.call == Call.ASK), None)

    @property
    def next_at(self) -> datetime | None:
        """When somebody speaks with the processor about it next; None where nobody does, or a worker has it."""
        waits = self.is_open and self.command.state == State.PENDING
        return self.command.next_attempt_at if waits else None

    @property
    def is_busy(self) -> bool:
        return self.is_open and self.command.state == State.LEASED

    @property
    def is_dead(self) -> bool:
        return self.command.state == State.DEAD

    @property
    def queue_state(self) -> Text:
        """What the workers make of it."""
        if self.command.state == State.PENDING:
            return _("Waits for its next try") if self.command.next_attempt_at else _("Waits for a worker")
        return _QUEUE_STATES[self.command.state]

    @property
    def error(self) -> str:
        return without_people(self.command.error)

    @property
    def lines(self) -> list[Any]:
        return list(json_lines(self.command.parameters))

    @property
    def most_attempts(self) -> int:
        return MAX_ATTEMPTS

    @property
    def may_act(self) -> bool:
        return self.can(P.OPS_COMMANDS_SETTLE)

    @property
    def can_be_tried(self) -> bool:
        return self.is_open and not self.is_busy and self.command.command_state != CommandState.REQUESTED

    @property
    def can_be_settled(self) -> bool:
        return not self.is_busy and is_settleable(self.command)

    @property
    def why_not_settled(self) -> NotInDoubt | CallUnderWay:
        """For one that cannot be settled."""
        command = self.command
        return CallUnderWay(command.public_id) if self.is_busy else NotInDoubt(command.command_state)

    @property
    def trying(self) -> str:
        """What the button says."""
        if self.is_dead:
            return gettext("Try again")
        return gettext("Ask now") if self.command.command_state == CommandState.UNKNOWN else gettext("Try now")

    @cached_property
    def settled_by_hand(self) -> AuditEvent | None:
        """Who settled it by hand, and why."""
        command = self.command
        trail = AuditEvent.objects.for_merchant(command.merchant_id).filter(object_type=command.kind)
        return trail.filter(object_id=command.public_id, action=f"{command.kind}.settled_by_hand").first()

    @property
    def context(self) -> dict[str, Any]:
        return {"page": self, "command": self.command, "list_url": reverse("ops:commands")}


def open_page(request: PersonRequest, public_id: str) -> CommandPage:
    """Raises Http404."""
    rows = MoneyCommand.objects.select_related("merchant", "payment", "account")
    command = rows.filter(public_id=public_id).first()
    if command is None:
        raise Http404
    return CommandPage(command, request.can)


def _exchange(call: CommandExchange) -> Exchange:
    took = lag_text((call.ended_at - call.began_at).total_seconds()) if call.ended_at else ""
    return Exchange(call, took, without_people(call.detail))
