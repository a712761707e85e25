"""The tests by name. Each is a module with `run(*, seed, full, site)`."""

import importlib
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.trust.result import Result

if TYPE_CHECKING:
    from tests.trust.installation import Installation


@dataclass(frozen=True)
class Trust:
    """`module` lives in tests.trust and offers `run(*, seed: int, full: bool, site: Installation) -> Result`."""

    promise: str
    module: str
    in_browser: bool = False


TESTS = {
    "R1": Trust("no event is lost or takes effect twice, whoever is killed", "kills"),
    "R2": Trust("an event answered 2xx is in the database", "acknowledged"),
    "R3": Trust("no more goes back than came in, however many ask for it at once", "overspent"),
    "R4": Trust("a command has one effect at most, whoever dies at it and whatever answer is lost", "crashed"),
    "R5": Trust("whatever the order of events, one state, and the processor's own", "orders"),
    "R6": Trust("what the processor never told is found, and nothing else is called missing", "reconciled"),
    "R7": Trust("events that break their worker hold up no others", "poisoned"),
    "R8": Trust("without Redis doors, work and sign-in go on", "without_redis"),
    "R9": Trust("processes find a restarted PostgreSQL again", "restarts"),
    "R10": Trust("a processor that is slow, refuses or hangs holds up nobody but who asks it", "unhelpful"),
    "R11": Trust("what an outage held back is taken and worked off when it comes at once", "burst"),
    "R12": Trust("a process that is asked to stop finishes what it began", "stopping"),
    "R13": Trust("clocks that differ open no door and close none", "clocks"),
    "R14": Trust("the outbox keeps events that commit out of order", "outbox_order"),
    "R15": Trust("the books balance after whatever happens, and are the processor's own", "ledgers"),
    "B1": Trust("an account that is read from its processor is here whole, whoever is killed", "backfilled"),
    "E1": Trust("every figure of the balance leads to movements that add up to it", "explained"),
    "M1": Trust("whatever goes wrong, every row is the processor's own, field by field", "mirrored"),
    "M2": Trust("a month of refunds, captures and cancels by ten people ends, whatever goes wrong", "busy"),
    "S1": Trust("nobody sees what belongs to another merchant, or that it is there", "walk"),
    "S3": Trust("the webhook door takes nothing that was not signed for it", "mutants"),
    "S4": Trust("no other site can send a form here, and looking at a page changes nothing", "forged"),
    "S8": Trust("nobody gets in by guessing, replaying, waiting or resetting", "guesses"),
    "S9": Trust("texts of outsiders stay texts on every page, for whoever looks", "scripted", in_browser=True),
    "S10": Trust("forms leave rows in the audit trail; it and the books stay, or their change is found", "tampered"),
    "S16": Trust("whatever is sent, nothing breaks and nothing of the inside is shown", "junk"),
}


def run(name: str, *, seed: int, full: bool, site: "Installation") -> Result:
    """Runs one test on a running installation, with all of its processes up before and after."""
    module = importlib.import_module(f"tests.trust.{TESTS[name].module}")
    started = time.monotonic()
    try:
        result: Result = module.run(seed=seed, full=full, site=site)
    except Exception:  # noqa: BLE001 - an installation that breaks in a new way is a finding, too
        result = Result(name, seed, full, problems=[traceback.format_exc()])
    result.seconds = time.monotonic() - started
    site.restore()
    return result
