"""A reading of an account as its page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.queue.models import State
from billing.sync.models import RunEnd, RunKind, SyncRun
from billing.sync.progress import remaining_seconds
from portal.web.kept_words import in_words
from portal.web.providers.words import left_words, object_words

# Before that a guess of the end would jump about.
_ENOUGH, _ENOUGH_SECONDS = 20, 5
_TITLES: Mapping[str, str | Promise] = {
    RunKind.BACKFILL: _("Reading everything from the processor"),
    RunKind.GAPS: _("Searching for events that never arrived"),
    RunKind.DRIFT: _("Comparing recent objects with the processor's"),
}
# What comes after the lists of objects; every other phase is the kind of object that is read.
_PHASES: Mapping[str, str | Promise] = {
    "parents": _("Joining objects to their payments"),
    "open": _("Looking again at what is still open"),
    "confirm": _("Confirming what was found"),
    "letters": _("Dead letters"),
    "movements": _("Balance transactions"),
    "due": _("Balance transactions that fell due"),
    "balance": _("Comparing the balance with the books"),
    "again": _("Looking at differences a second time"),
}


@dataclass(frozen=True, slots=True)
class RunView:
    """``percent`` is None while nobody knows how much there is. ``read`` objects so far, of which ``changed`` were new
    or different here."""

    public_id: str
    name: str
    title: str | Promise
    phase: str | Promise
    percent: int | None
    left: str
    read: int
    changed: int
    since: datetime | None
    stopping: bool
    interrupted: bool


def run_view(run: SyncRun) -> RunView:
    tallies = [told for told in run.tally.values() if isinstance(told, dict)]
    waits = run.state == State.PENDING and not run.started_at
    return RunView(
        public_id=run.public_id,
        name=run.get_kind_display(),
        title=_TITLES.get(run.kind, run.get_kind_display()),
        phase=gettext("Waiting for a worker") if waits else _phase_words(run.phase),
        percent=run.progress // 10 if run.progress else None,
        left=_left(run),
        read=sum(int(told.get("read", 0)) for told in tallies),
        changed=sum(int(told.get("made", 0)) + int(told.get("changed", 0)) for told in tallies),
        since=run.since,
        stopping=run.cancel_asked,
        # It will be taken up again; what stands there is meant for us.
        interrupted=bool(run.error) and run.state == State.PENDING,
    )


def has_failed(run: SyncRun) -> bool:
    return run.end == RunEnd.FAILED or run.state == State.DEAD


def _left(run: SyncRun) -> str:
    if not run.started_at or run.cancel_asked or run.progress < _ENOUGH:
        return ""
    now = clock.now()
    left = remaining_seconds(run, now)
    return "" if left is None or (now - run.started_at).total_seconds() < _ENOUGH_SECONDS else left_words(left)


def why_it_failed(run: SyncRun) -> str:
    """A sentence for people, empty where the run left none."""
    reason = run.tally.get("reason", "")
    return in_words(reason) if isinstance(reason, str) else ""


def _phase_words(phase: str) -> str | Promise:
    # A comparison looks at a kind twice: at the processor's list, then at rows that the list did not hold.
    kind = phase.removeprefix("rows:")
    return _PHASES.get(kind) or (object_words(kind) if kind else "")
