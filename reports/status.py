"""One mapping from what an object is in to how a person reads it: family (colour), word, icon, explanation.

Values that are not listed, such as a processor's newest ones, are shown raw and neutral.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FAMILY_ICONS = {
    "neutral": "circle",
    "info": "clock",
    "ok": "check",
    "warn": "alert-triangle",
    "danger": "x",
    "special": "flag",
}

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Status:
    """``explanation`` is one plain sentence, empty for a value that nobody described yet."""

    family: str
    label: Text
    explanation: Text = ""

    @property
    def icon(self) -> str:
        return FAMILY_ICONS[self.family]


# Words that a processor spells in another way than we do.
_SPELT_THERE = {"canceled": "cancelled", "warning_closed": "inquiry_closed"}


def describe(kind: str, value: str) -> Status:
    """The status of one ``kind`` of object. Raises KeyError for a kind that does not exist."""
    known = STATUSES[kind]
    return known.get(value) or known.get(our_word(value)) or Status("neutral", value)


def our_word(value: str) -> str:
    """A processor's ``canceled`` is our ``cancelled``; words that are spelt alike, or unknown, stay."""
    return _SPELT_THERE.get(value, value)


def event_value(*, state: str, attempts: int, outcome: str) -> str:
    """Which word of STATUSES["event"] fits a stored event: its queue state alone does not tell retrying or ignored."""
    if state == "pending":
        return "retrying" if attempts else "received"
    if state == "done":
        return "ignored" if outcome == "ignored" else "processed"
    return {"leased": "processing", "parked": "waiting", "dead": "dead_letter"}.get(state, state)


def connection_value(*, status: str, broken: bool, syncing: bool, troubled: bool) -> str:
    """Which word of STATUSES["connection"] fits: ``broken`` needs a person, ``troubled`` works only in part."""
    if status != "connected":
        return status
    if broken:
        return "action_required"
    if syncing:
        return "syncing"
    return "degraded" if troubled else "connected"


STATUSES: dict[str, dict[str, Status]] = {
    "payment": {
        "in_progress": Status("info", _("In progress"), _("The customer has not finished paying yet.")),
        "authorised": Status("info", _("Authorised"), _("The amount is held on the card and can be captured.")),
        "succeeded": Status("ok", _("Succeeded"), _("The processor confirmed the payment.")),
        "held_for_review": Status("warn", _("Held for review"), _("A person decides before the payment goes on.")),
        "disputed": Status("warn", _("Disputed"), _("The customer's bank has opened a dispute.")),
        "partially_refunded": Status("warn", _("Partially refunded"), _("A part of the amount went back.")),
        "refunded": Status("special", _("Refunded"), _("The whole amount went back to the customer.")),
        "failed": Status("danger", _("Failed"), _("The payment was declined or could not be completed.")),
        "blocked": Status("danger", _("Blocked"), _("A risk check stopped the payment before it reached the bank.")),
        "charged_back": Status("danger", _("Charged back"), _("The customer's bank took the money back.")),
        "cancelled": Status("neutral", _("Cancelled"), _("The payment was given up before any money moved.")),
        "expired": Status("neutral", _("Expired"), _("The time to complete or capture the payment is over.")),
        "unknown": Status("neutral", _("Unknown"), _("The processor reported a status that is not known here.")),
    },
    "customer": {
        "current": Status("ok", _("Current"), _("The processor keeps this customer.")),
        "deleted": Status("neutral", _("Deleted"), _("The customer was deleted at the processor.")),
    },
    "attempt": {
        "pending": Status("info", _("Pending"), _("The bank has not answered yet.")),
        "succeeded": Status("ok", _("Succeeded"), _("The bank accepted this attempt.")),
        "failed": Status("danger", _("Failed"), _("The bank or a risk check refused this attempt.")),
    },
    "refund": {
        "pending": Status("info", _("Pending"), _("The processor has the refund and the bank has not answered yet.")),
        "succeeded": Status("ok", _("Succeeded"), _("The processor confirmed the refund.")),
        "requires_action": Status("warn", _("Requires action"), _("The customer must give details to be paid.")),
        "failed": Status("danger", _("Failed"), _("The money did not reach the customer.")),
        "cancelled": Status("neutral", _("Cancelled"), _("The refund was stopped before it was paid.")),
    },
    # What was asked of a processor, until it has made something of it.
    "command": {
        "requested": Status("special", _("Approval waiting"), _("A second person must agree first.")),
        "approved": Status("info", _("Waiting to be sent"), _("It goes to the processor within moments.")),
        "sending": Status("info", _("Sending"), _("It is on its way to the processor.")),
        "unknown": Status(
            "info",
            _("Checking with the processor"),
            _("No clear answer came, so the processor is asked what came of it."),
        ),
        "succeeded": Status("ok", _("Carried out"), _("The processor did it.")),
        "failed": Status("danger", _("Not carried out"), _("The processor did nothing, and no money moved.")),
        "done_after_all": Status(
            "warn",
            _("Carried out after all"),
            _("It counted as not carried out, but the processor has done it."),
        ),
        "rejected": Status("neutral", _("Rejected"), _("The second person did not agree.")),
        "cancelled": Status("neutral", _("Withdrawn"), _("Somebody took it back before it was sent.")),
        "expired": Status("neutral", _("Expired"), _("Nobody agreed in time.")),
    },
    # Commands that were asked for together.
    "batch": {
        "requested": Status("special", _("Approval waiting"), _("A second person must agree to all of it first.")),
        "under_way": Status("info", _("Under way"), _("It was approved, and not all of it is carried out yet.")),
        "succeeded": Status("ok", _("Carried out"), _("The processor did all of it.")),
        "partly": Status("warn", _("Carried out in part"), _("Some of it was not carried out.")),
        "failed": Status("danger", _("Not carried out"), _("The processor did nothing of it, and no money moved.")),
        "rejected": Status("neutral", _("Rejected"), _("The second person did not agree.")),
        "cancelled": Status("neutral", _("Withdrawn"), _("Somebody took it back before it was sent.")),
        "expired": Status("neutral", _("Expired"), _("Nobody agreed in time.")),
    },
    # Why a person should look at it.
    "doubt": {
        "unknown": Status(
            "warn",
            _("Unknown"),
            _("It went out and no clear answer came. The processor is asked again and again what came of it."),
        ),
        "dead": Status("danger", _("Given up"), _("Trying it failed each time, so nobody works on it any more.")),
        "sending": Status(
            "warn", _("Not taken yet"), _("The processor did not take it so far. It goes out again by itself.")
        ),
        "waiting": Status("warn", _("Not sent yet"), _("It waits for longer than it should: perhaps no worker runs.")),
        "contradicted": Status(
            "danger",
            _("Contradicted"),
            _("It was settled as not carried out, and the processor did it after all: the money moved."),
        ),
    },
    # What came of one call about it.
    "reply": {
        "": Status("info", _("Under way"), _("Nobody knows the answer yet.")),
        "done": Status("ok", _("Carried out"), _("The processor did it.")),
        "declined": Status("danger", _("Refused"), _("The processor understood and did nothing.")),
        "not_executed": Status("info", _("Not taken"), _("The processor did nothing now: it goes out again.")),
        "unclear": Status("warn", _("No clear answer"), _("It may have taken effect.")),
        "lost": Status("warn", _("Answer lost"), _("The process that asked ended without a word.")),
        "found": Status("ok", _("Found"), _("The processor has what it made.")),
        "not_found": Status("neutral", _("Not found"), _("The processor has nothing of it.")),
        "unavailable": Status("warn", _("Not answered"), _("The processor could not be asked.")),
    },
    "dispute": {
        "early_warning": Status("warn", _("Early warning"), _("The bank reported fraud; a dispute may follow.")),
        "warning_needs_response": Status(
            "warn", _("Inquiry – answer"), _("The bank asks about the payment; no money has moved yet.")
        ),
        "warning_under_review": Status("info", _("Inquiry – under review"), _("The bank reads the answer.")),
        "needs_response": Status("warn", _("Needs response"), _("Evidence can be sent until the deadline.")),
        "awaiting_approval": Status("special", _("Awaiting approval"), _("A second person reads the evidence first.")),
        "under_review": Status("info", _("Under review"), _("The bank has the evidence and decides.")),
        "appeal_needs_response": Status(
            "warn", _("Appeal – needs response"), _("The dispute goes on, and evidence can be sent until the deadline.")
        ),
        "appeal_under_review": Status(
            "info", _("Appeal – under review"), _("The dispute goes on at the card network.")
        ),
        "won": Status("ok", _("Won"), _("The money was returned to you.")),
        "prevented": Status("ok", _("Prevented"), _("The dispute was settled before it counted.")),
        "past_due": Status("danger", _("Past due"), _("The deadline passed while a response was still owed.")),
        "lost": Status("danger", _("Lost"), _("The money stays with the customer.")),
        "inquiry_closed": Status("neutral", _("Inquiry – closed"), _("The bank's question did not become a dispute.")),
        "accepted": Status("neutral", _("Accepted"), _("You decided not to contest the dispute.")),
    },
    "warning": {
        "actionable": Status(
            "warn", _("Early warning – decide"), _("A refund of the whole payment may still prevent a dispute.")
        ),
        "informational": Status(
            "neutral", _("Early warning – for information"), _("The payment is disputed or refunded: nothing is to do.")
        ),
    },
    "review": {
        "pending": Status("warn", _("Pending"), _("Nobody looked at this payment yet.")),
        "investigating": Status("info", _("Investigating"), _("Somebody is looking at this payment.")),
        "approved": Status("ok", _("Approved"), _("The payment was found to be genuine.")),
        "refunded_as_fraud": Status("danger", _("Refunded as fraud"), _("The payment was returned as fraudulent.")),
        "escalated": Status("special", _("Escalated"), _("A colleague with more rights decides.")),
        "snoozed": Status("neutral", _("Snoozed"), _("The review comes back at the chosen time.")),
        "closed": Status("neutral", _("Closed"), _("The review is over.")),
    },
    "rule": {
        "draft": Status("neutral", _("Draft"), _("The rule does nothing yet.")),
        "shadow": Status("special", _("Shadow"), _("The rule is counted but does not act.")),
        "live": Status("ok", pgettext_lazy("rule", "Live"), _("The rule acts on payments.")),
        "archived": Status("neutral", _("Archived"), _("The rule no longer acts.")),
    },
    "invoice": {
        "draft": Status("neutral", _("Draft"), _("The invoice has no number yet and can be changed.")),
        "void": Status("neutral", _("Void"), _("The invoice is no longer owed; its number stays.")),
        "open": Status("info", pgettext_lazy("invoice", "Open"), _("The invoice is final and waits for payment.")),
        "sent": Status("info", _("Sent"), _("The customer has the invoice.")),
        "paid": Status("ok", pgettext_lazy("invoice", "Paid"), _("Nothing is owed any more.")),
        "past_due_soon": Status("warn", _("Past due soon"), _("The due date is near.")),
        "overdue": Status("danger", _("Overdue"), _("The due date has passed.")),
        "uncollectible": Status("danger", _("Uncollectible"), _("Payment is no longer expected.")),
    },
    "payout": {
        "pending": Status("info", _("Pending"), _("The payout has not left the processor yet.")),
        "in_transit": Status("info", _("In transit"), _("The money is on its way to the bank.")),
        "paid": Status("ok", _("Paid"), _("The processor reports the payout as paid.")),
        "failed": Status("danger", _("Failed"), _("The bank did not take the money.")),
        "unexplained": Status("danger", _("Unexplained"), _("The lines do not add up to the payout.")),
        "cancelled": Status("neutral", _("Cancelled"), _("The payout was stopped.")),
    },
    "movement": {
        "pending": Status("info", _("Pending"), _("It is booked and cannot be paid out yet.")),
        "available": Status("ok", _("Available"), _("It is a part of the balance that can be paid out.")),
    },
    "run": {
        "queued": Status("info", _("Queued"), _("The work starts when a worker is free.")),
        "running": Status("info", _("Running"), _("The work goes on; this page can be closed.")),
        "ready": Status("ok", _("Ready"), _("The result can be downloaded.")),
        "failed": Status("danger", _("Failed"), _("The work stopped with an error.")),
        "cancelled": Status("neutral", _("Cancelled"), _("Somebody stopped the work.")),
        "expired": Status("neutral", _("Expired"), _("The result was deleted after its time.")),
    },
    "event": {
        "received": Status("info", _("Received"), _("The event is stored and will be processed.")),
        "processing": Status("info", _("Processing"), _("A worker has the event now.")),
        "waiting": Status("info", _("Waiting"), _("The object that the event is about has not arrived yet.")),
        "processed": Status("ok", _("Processed"), _("The event was applied.")),
        "retrying": Status("warn", _("Retrying"), _("An attempt failed; the next one is planned.")),
        "ignored": Status("neutral", _("Ignored"), _("Counterfoil does not use events of this type.")),
        "dead_letter": Status("danger", _("Dead letter"), _("Every attempt failed; a person must look at it.")),
    },
    "event_run": {
        "changed": Status("ok", _("Processed"), _("This attempt applied the event.")),
        "no_change": Status("ok", _("No change"), _("Everything in the event was known already.")),
        "ignored": Status("neutral", _("Ignored"), _("Counterfoil does not use events of this type.")),
        "parked": Status("info", _("Waiting"), _("The object was not there yet.")),
        "failed": Status("danger", _("Failed"), _("This attempt stopped with an error.")),
        "dead": Status("danger", _("Dead letter"), _("This was the last attempt.")),
    },
    "delivery": {
        "waiting": Status("info", _("Waiting"), _("The delivery has not been tried yet.")),
        "delivered": Status("ok", _("Delivered"), _("The receiver took it.")),
        "retrying": Status("warn", _("Retrying"), _("The receiver did not take it; the next try is planned.")),
        "failed": Status("danger", _("Failed"), _("The receiver did not take it in any try.")),
        "dead_letter": Status("danger", _("Dead letter"), _("Every try failed; a person must look at it.")),
        "will_not_send": Status("neutral", _("Will not send"), _("The endpoint is off or did not ask for it.")),
    },
    "connection": {
        "connected": Status("ok", _("Connected"), _("Events arrive and the key works.")),
        "syncing": Status("info", _("Syncing"), _("Everything is being read from the processor.")),
        "degraded": Status("warn", _("Degraded"), _("It works in part; the page says what does not.")),
        "action_required": Status(
            "danger", _("Action required"), _("It does not work until somebody changes something.")
        ),
        "simulated": Status("special", _("Simulated"), _("A stand-in answers like a processor; no real money moves.")),
        "test": Status("special", _("Test"), _("The processor's test mode; no real money moves.")),
        "disconnected": Status("neutral", _("Disconnected"), _("Nothing is sent or received.")),
    },
    "finding": {
        "repaired": Status("ok", _("Repaired"), _("What is shown here equals the processor's again.")),
        "open": Status("warn", _("Open"), _("The difference is not repaired yet.")),
    },
    "approval": {
        "pending": Status("special", _("Approval waiting"), _("A second person must agree first.")),
        "approved": Status("ok", _("Approved"), _("A second person agreed.")),
        "rejected": Status("neutral", _("Rejected"), _("The second person did not agree.")),
        "withdrawn": Status("neutral", _("Withdrawn"), _("Whoever asked took it back.")),
        "expired": Status("neutral", _("Expired"), _("Nobody agreed in time.")),
    },
    "reconciliation": {
        "matched": Status("ok", _("Matched"), _("Processor, books and bank agree.")),
        "open": Status("warn", _("Open"), _("A difference waits for an explanation.")),
        "aged": Status("danger", _("Aged over limit"), _("The difference is open for longer than allowed.")),
        "approval_waiting": Status("special", _("Approval waiting"), _("A second person must agree first.")),
        "explained": Status("neutral", _("Explained"), _("The difference has a known cause.")),
        "written_off": Status("neutral", _("Written off"), _("The difference was accepted as a loss or gain.")),
    },
}
