"""The queues as people see them: what each is for, how much waits, since when, and what was given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.access.verbs import P
from billing.queue import registry
from billing.queue.models import State
from billing.queue.standing import Depth, depth_of, done_lately, due_since
from portal.web.events.detail import without_people
from portal.web.events.lag import lag_text
from portal.web.request import PersonRequest

Text = str | Promise
WORDS: Mapping[str, tuple[Text, Text]] = {
    "inbox": (_("Incoming events"), _("What processors sent, until it has taken effect.")),
    "outbox": (_("Own events"), _("What changed here, until everybody who wants to know has a copy.")),
    "deliveries": (_("Copies of own events"), _("One for each who wants to know, until it is told.")),
    "refetch": (_("Questions to processors"), _("Objects whose events left a doubt, until the processor was asked.")),
    "commands": (
        _("Money requests"),
        _("Refunds, captures and cancellations that were asked for, until the processor's answer is known."),
    ),
    "sync": (_("Readings of accounts"), _("Full syncs, searches and comparisons, until they end.")),
    "descriptions": (_("Names of accounts"), _("Accounts of platforms, until the processor told their name.")),
    "notice mails": (_("Mails of notifications"), _("What people are told by e-mail, until a mail server took it.")),
    "receipts": (_("Mails to customers"), _("What customers are told of their refunds, until a mail server took it.")),
}
# Due rows are taken within seconds; after so many somebody should look.
_LATE_SECONDS = 120
_NEWEST = 25
_LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class QueueRow:
    """``age`` is how long the oldest due row has waited, empty when none is due; ``dead_url`` where its list is."""

    name: str
    label: Text
    sentence: Text
    depth: Depth
    age: str
    late: bool
    done: int
    dead_url: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    queue: Text
    number: int
    attempts: int
    error: str


def queues_context(request: PersonRequest) -> dict[str, Any]:
    rows = [_row(name, request) for name in registry.names()]
    return {"queues": rows, "letters": _letters(), "total_done": sum(row.done for row in rows)}


def _row(name: str, request: PersonRequest) -> QueueRow:
    queue = registry.get(name)
    since = due_since(queue)
    seconds = (clock.now() - since).total_seconds() if since else 0
    label, sentence = WORDS.get(name, (name, ""))
    return QueueRow(
        name=name,
        label=label,
        sentence=sentence,
        depth=depth_of(queue),
        age=lag_text(seconds) if since else "",
        late=seconds > _LATE_SECONDS,
        done=done_lately(queue),
        dead_url=_dead_url(name, request),
    )


def _dead_url(name: str, request: PersonRequest) -> str:
    if name == "commands":
        return f"{reverse('ops:commands')}?doubt=dead" if request.can(P.OPS_COMMANDS_VIEW) else ""
    if name != "inbox":
        return f"{reverse('ops:jobs')}#letters"
    return f"{reverse('ops:events')}?state=dead_letter" if request.can(P.OPS_EVENTS_VIEW) else ""


def _letters() -> list[DeadLetter]:
    """The newest dead letters of each queue but the inbox, which has a list of its own."""
    letters = []
    for name in registry.names():
        if name == "inbox":
            continue
        rows = registry.get(name).model._default_manager.filter(state=State.DEAD).order_by("-pk")
        label = WORDS.get(name, (name, ""))[0]
        for pk, attempts, error in rows.values_list("pk", "attempts", "error")[:_NEWEST]:
            letters.append(DeadLetter(label, pk, attempts, without_people(error)[:_LONGEST_ERROR]))
    return letters
