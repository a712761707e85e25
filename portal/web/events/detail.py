"""Everything that the page of one incoming event shows."""

import re
from datetime import tzinfo
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.queue.backoff import MAX_ATTEMPTS
from billing.webhooks.models import Origin, Outcome, WebhookAttempt, WebhookEvent
from billing.webhooks.queries import EventRecord
from portal.web.approvals.subjects import payment_called
from portal.web.events.effects import effects_of
from portal.web.events.lag import lag_text
from portal.web.json_text import json_lines, redacted
from reports.dates import datetime_text
from reports.status import event_value

# PostgreSQL quotes the whole row that it refused.
_ROW = re.compile(r"DETAIL:.*?(?=\n(?:HINT|CONTEXT):|\n\n|\Z)", re.DOTALL)
# Sentences for errors by the name of their kind; anything else is ours to find.
_CAUSES = {
    "UnreadableObject": _(
        "The object in it lacks what it must have, such as an id or a currency, or has an amount that its currency "
        "cannot have."
    ),
    "WorkerDied": _("The worker that took it stopped each time without an answer."),
}


def detail_context(
    request: HttpRequest,
    record: EventRecord,
    *,
    zone: tzinfo,
    list_url: str,
    for_staff: bool,
    replay_url: str,
    may_replay: bool,
) -> dict[str, Any]:
    """``zone`` is that of the page; ``list_url`` is the address of the face's list of events, ``replay_url`` of the
    form's POST."""
    event = record.event
    back = request.GET.get("back", "")
    back = back if back.partition("?")[0] == list_url else ""
    suffix = f"?back={quote(back)}" if back else ""
    effects, by_run = effects_of(event, record.runs)
    value = event_value(state=event.state, attempts=event.attempts, outcome=event.outcome)
    payment = payment_of(event)
    return {
        "event": event,
        "runs": [(run, _message(run, for_staff=for_staff), by_run[run.number]) for run in record.runs],
        "effects": effects,
        "imported": event.origin == Origin.IMPORTED,
        "same_object": record.same_object,
        "payment": payment,
        "payment_called": payment_called(payment, by_person=False) if payment else "",
        "lag": lag_text((event.received_at - event.occurred_at).total_seconds()),
        "value": value,
        "most_attempts": MAX_ATTEMPTS,
        "sentence": sentence(record, value, zone=zone),
        "error_kind": error_kind(event.error),
        "error": without_people(event.error) if for_staff else "",
        "traceback": without_people(_last_traceback(record)) if for_staff else "",
        "lines": json_lines(redacted(event.payload, personal=True)) if event.is_kept else [],
        "size": len(bytes(event.body)),
        "for_staff": for_staff,
        "list_url": list_url,
        "back_url": back or list_url,
        "suffix": suffix,
        "replay_url": replay_url,
        "may_replay": may_replay,
        "page_url": f"{list_url}{event.public_id}/{suffix}",
    }


def payment_of(event: WebhookEvent) -> Any:
    """The payment whose timeline has a line of this event; None when it left none."""
    activity = getattr(event, "activity", None)
    return activity.payment if activity else None


def _message(run: WebhookAttempt, *, for_staff: bool) -> str:
    # What a parked event waits for is an id; an error may be anything.
    return without_people(run.message) if for_staff or run.result == Outcome.PARKED else error_kind(run.message)


def error_kind(error: str) -> str:
    """``KeyError`` of ``KeyError: 'id'``: the name says enough to ask about and carries no data."""
    kind = error.partition(":")[0].strip()
    return kind if kind.isidentifier() else ""


def without_people(error: str) -> str:
    """The text of an error for staff, who may not know whose payments these are."""
    return str(redacted(_ROW.sub("DETAIL: [redacted]", error), personal=True))


def _last_traceback(record: EventRecord) -> str:
    return next((run.traceback for run in record.runs if run.result in ("failed", "dead")), "")


def sentence(record: EventRecord, value: str, *, zone: tzinfo) -> str:
    """What happened, for a person who does not know the code."""
    event = record.event
    if value in ("dead_letter", "retrying"):
        told = [gettext("It could not be applied, and nothing was written.")]
        cause = _CAUSES.get(error_kind(event.error))
        if cause:
            told.append(str(cause))
        if value == "dead_letter" and event.attempts < MAX_ATTEMPTS:
            told.append(gettext("Trying again cannot help by itself: replay it once the cause is gone."))
        elif value == "dead_letter":
            told.append(gettext("All attempts are used up: replay it once the cause is gone."))
        elif event.next_attempt_at:
            at = datetime_text(event.next_attempt_at, zone, seconds=True)
            told.append(gettext("The next attempt is at %(time)s.") % {"time": at})
        return " ".join(told)
    if value == "processed":
        if event.outcome == "changed":
            return gettext("The event was applied, and it changed what is shown here.")
        return gettext("Everything in the event was known already, so nothing was changed.")
    if value == "waiting" and event.waits_for:
        return gettext(
            "It belongs to %(object)s, which has not arrived here yet. It is applied as soon as that comes."
        ) % {"object": event.waits_for}
    return {
        "received": gettext("The event is stored. A worker applies it within moments."),
        "processing": gettext("A worker is applying the event right now."),
        "waiting": gettext("It is about an object that has not arrived here yet. It is tried again until that comes."),
        "ignored": gettext("Counterfoil does not use events of this type. It is kept as it came."),
    }.get(value, "")
