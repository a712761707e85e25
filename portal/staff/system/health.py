"""Whether the installation works, as far as this process can tell, and what it cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.audit.models import AuditEvent
from billing.commands.doubts import UNKNOWN_AT_MOST, in_doubt, unknown_since
from billing.providers.breaker import seen_here
from billing.queue import registry
from billing.queue.models import ScheduledWork
from billing.queue.nudge import lost_nudges
from billing.queue.schedule import Schedule, schedules
from billing.queue.standing import depth_of, done_lately
from portal.web.audit.chain import Verification
from portal.web.dependencies import check_all
from portal.web.events.lag import lag_text
from reports.templatetags.money import number

Text = str | Promise
_NAMES: Mapping[str, Text] = {"postgresql": _("PostgreSQL"), "redis": _("Redis")}
_WORK: Mapping[str, Text] = {
    "prune": _("Delete what is no longer kept"),
    "audit checks": _("Verify the audit log"),
    "audit heads": _("Export the heads of the audit log"),
    "approvals": _("End requests that nobody approved in time"),
    "books": _("Post movements to the books"),
    "movements to place": _("Place movements that nobody knew"),
    "gaps": _("Search for missing events"),
    "drift": _("Compare recent objects"),
    "old runs": _("Forget old syncs"),
    "visits": _("Note the end of visits"),
    "old notices": _("Forget old notifications"),
}
_CALLS = _("Calls of this process to processors")
# What comes round later than so many rounds does not come round.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is known. ``family`` is of reports.status."""

    name: Text
    family: str
    word: Text
    detail: str


@dataclass(frozen=True, slots=True)
class Round:
    """Work that comes round by itself. ``took`` is empty while it is under way or never was."""

    name: Text
    every: str
    began_at: datetime | None
    took: str
    late: bool


def health_context() -> dict[str, Any]:
    rounds = _rounds()
    return {
        "lines": [*_dependencies(), _sweeper(rounds), _work(), _money(), _nudges(), _processors(), _audit_log()],
        "rounds": rounds,
    }


def _dependencies() -> list[Line]:
    lines = []
    for check in check_all():
        family = "ok" if check.ok else "danger" if check.needed else "warn"
        word = _("Works") if check.ok else _("Away") if check.needed else _("Away, nothing is lost")
        lines.append(Line(_NAMES.get(check.name, check.name), family, word, check.detail))
    return lines


def _rounds() -> list[Round]:
    known = {row.name: row for row in ScheduledWork.objects.all()}
    return [_round(each, known.get(each.name)) for each in sorted(schedules(), key=lambda each: each.every)]


def _round(schedule: Schedule, row: ScheduledWork | None) -> Round:
    began, ended = (row.last_started_at, row.last_ended_at) if row else (None, None)
    done = began and ended and ended >= began
    return Round(
        name=_WORK.get(schedule.name, schedule.name),
        every=lag_text(schedule.every.total_seconds()),
        began_at=began,
        took=lag_text((ended - began).total_seconds()) if done and ended and began else "",
        late=began is None or clock.now() - began > _ROUNDS * schedule.every,
    )


def _sweeper(rounds: list[Round]) -> Line:
    """By what comes round most often: a sweeper that lives has begun it lately."""
    last = max((each.began_at for each in rounds if each.began_at), default=None)
    if last is None:
        return Line(_("Sweeper"), "danger", _("Never seen"), gettext("Start manage.py sweep."))
    passed = clock.now() - last
    alive = passed < timedelta(minutes=_ROUNDS)
    detail = gettext("last seen %(passed)s ago") % {"passed": lag_text(passed.total_seconds())}
    return Line(_("Sweeper"), "ok" if alive else "danger", _("Works") if alive else _("Not seen lately"), detail)


def _work() -> Line:
    """Workers report nowhere; what was done shows that somebody works."""
    queues = [registry.get(name) for name in registry.names()]
    done = sum(done_lately(queue) for queue in queues)
    leased = sum(depth_of(queue).leased for queue in queues)
    words = ngettext("%(n)s row finished in the last hour", "%(n)s rows finished in the last hour", done)
    now = gettext("%(n)s in work now") % {"n": number(leased)}
    words = f"{words % {'n': number(done)}}, {now}"
    return Line(_("Workers and sweeper"), "ok" if done else "neutral", _("At work") if done else _("Idle"), words)


def _money() -> Line:
    """What was asked of processors, and nobody knows what came of it."""
    name, since, count = _("Unclear money requests"), unknown_since(), in_doubt().count()
    passed = clock.now() - since if since else timedelta()
    detail = gettext("unknown for up to %(time)s") % {"time": lag_text(passed.total_seconds())} if since else ""
    if not count:
        return Line(name, "ok", _("None"), detail)
    words = ngettext("%(n)s to look at", "%(n)s to look at", count) % {"n": number(count)}
    return Line(name, "danger" if passed > UNKNOWN_AT_MOST else "warn", words, detail)


def _nudges() -> Line:
    lost = lost_nudges()
    detail = ngettext("%(n)d since this process began", "%(n)d since this process began", lost) % {"n": lost}
    word = _("Some were lost; the sweeper did their work") if lost else _("None lost")
    return Line(_("Wake-up calls of this process"), "warn" if lost else "ok", word, detail)


def _processors() -> Line:
    """Whoever fails too often is not called for a while."""
    seen = seen_here()
    left = [each.left for each in seen.values() if each.left > 0]
    asked = ngettext("%(n)d account asked", "%(n)d accounts asked", len(seen)) % {"n": len(seen)}
    if not left:
        return Line(_CALLS, "ok" if seen else "neutral", _("None is paused"), asked)
    words = ngettext("%(n)d account is paused", "%(n)d accounts are paused", len(left)) % {"n": len(left)}
    longest = gettext("for up to %(time)s") % {"time": lag_text(max(left))}
    return Line(_CALLS, "warn", words, f"{asked}, {longest}")


def _audit_log() -> Line:
    """As the last checks of its chains found it."""
    found = Verification(None, AuditEvent.objects.all(), lambda event: "")
    if found.broken:
        return Line(_("Audit log"), "danger", _("Does not hold"), found.broken_label)
    return Line(_("Audit log"), found.family, _("Holds") if found.verified else _("Not verified yet"), found.label)
