"""S10, its other half: a form that changes something leaves a row in the audit trail, in the same transaction."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import uuid4

from tests.trust.cells import Cast, Cell, cases, cells, open_cast
from tests.trust.forged import one_of_each
from tests.trust.installation import Installation
from tests.trust.result import Result
from tests.trust.visitor import TOKEN, form_headers
from tests.trust.walker import Walker
from tests.trust.writes import Snapshot, quiet

# What limits, sessions and counted failures are made of, whoever sends a form.
BESIDES = {"cache", "portal_session", "portal_signinbucket"}
# What concerns nobody but the person who does it.
THEIR_OWN = {"me:profile", "me:appearance", "me:shortcuts"}
THEIR_OWN |= {"merchant:view_new", "merchant:view_edit", "merchant:view_overwrite", "merchant:view_default"}
# Where a password, a code, a link or a processor's answer decides: the tests of these pages look at their rows.
ELSEWHERE = {"inbound:stripe", "account_reauthenticate", "me:authenticator", "me:password"}
ELSEWHERE |= {f"account_{name}" for name in ("login", "logout", "signup", "confirm_email", "invitation")}
ELSEWHERE |= {f"account_reset_password{end}" for end in ("", "_from_key")}
ELSEWHERE |= {f"account_2fa_{name}" for name in ("setup", "codes", "challenge", "recovery")}
ELSEWHERE |= {f"merchant:connection_{name}" for name in ("new", "key", "test", "run", "cancel", "secret_remove")}
ELSEWHERE |= {f"ops:connection_{name}" for name in ("test", "run", "cancel", "sync")}
ELSEWHERE |= {f"{face}:refund_{name}" for face in ("merchant", "ops") for name in ("new", "review", "withdraw")}
ELSEWHERE |= {f"merchant:{kind}_{step}" for kind in ("capture", "cancel") for step in ("new", "review")}
ELSEWHERE |= {"merchant:hold_withdraw", "merchant:batch_new"}
# Nor what comes in two steps, or has nothing to end here.
ELSEWHERE |= {"merchant:transactions_bulk", "merchant:events_replay", "ops:events_replay", "ops:merchant_leave"}
ELSEWHERE |= {"merchant:search_recent", "ops:search_recent"}
# What one was told is read by oneself, and ticks that nobody touched change nothing.
ELSEWHERE |= {"notices:choices", "notices:inbox_read", "notices:ops_inbox_read"}
# In test mode a customer is shown anyhow, and nobody is written to.
IN_LIVE_MODE = {"merchant:transaction_reveal", "merchant:customer_reveal", "merchant:refund_receipt"}
# What somebody else has asked for, or the person themselves, is decided or taken back once, and what nobody carries out
# is settled once: each needs a new one.
OF_OTHERS = {f"{face}:approval_{decided}" for face in ("merchant", "ops") for decided in ("approve", "reject")}
OF_THEIR_OWN = {"merchant:limit_withdraw"}
OF_NOBODY = {"ops:command_settle"}
# After this nobody can go on.
LAST = "merchant:connection_disconnect"
# What a person types. All else is sent as the page has it.
TYPED: dict[str, dict[str, str]] = {
    "me:profile": {"name": "Somebody Else"},
    "me:appearance": {"theme": "dark"},
    "me:shortcuts": {"single_keys": ""},
    "merchant:view_new": {"name": "Mine"},
    "merchant:view_edit": {"name": "Other", "delete": ""},
    "merchant:view_default": {"view": "all"},
    "merchant:transaction_note": {"text": "A note"},
    "merchant:transaction_tags": {"change": "add", "word": "audited"},
    "merchant:customer_note": {"text": "A note"},
    "merchant:connection_secret": {"webhook_secret": "whsec_of_another_endpoint_0123456789"},
    "merchant:approval_reject": {"comment": "Not this one"},
    "merchant:limit_change": {"daily": "400.00", "reason": "The season is over"},
    "ops:approval_reject": {"comment": "Not this one"},
    "ops:command_settle": {"outcome": "not_carried_out", "reason": "It is not there", "understood": "on"},
    "ops:merchant_visit": {"reason": "A question of theirs"},
    "ops:transaction_note": {"text": "A note", "audience": "staff"},
}


class _Form(HTMLParser):
    """What a browser would send of the forms of a page that nobody touched."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._area = self._choice = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        name = found.get("name", "")
        if tag == "input" and name and (found.get("type") not in {"checkbox", "radio"} or "checked" in found):
            self.values.setdefault(name, found.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self.values.setdefault(name, "")
        elif tag == "select":
            self._choice = name
        elif tag == "option" and self._choice and (self._choice not in self.values or "selected" in found):
            self.values[self._choice] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._choice = "" if tag == "select" else self._choice

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data.removeprefix("\n")


def send_forms(site: Installation, result: Result, *, most: int) -> None:
    """Each form twice, or so many by chance: while no row can be written to the trail, when nothing may come of it, and
    then for good."""
    cast = open_cast(site, seed=result.seed)
    forms = list(_forms(cast))
    chosen = sorted(random.Random(f"audited {result.seed}").sample(range(len(forms)), min(most, len(forms))))
    audited = 0
    with Walker(cast, site.url) as walker:
        for cell in (_renewed(cast, forms[number]) for number in chosen):
            sender = _Sender(walker, cell)
            before = quiet(site)
            with _no_trail(site):
                refused = sender.send()
            middle = quiet(site)
            status = sender.send()
            without, done = _changed(before, middle), _changed(middle, quiet(site))
            audited += "audit_event" in done
            result.problems += _wrong(cell, refused, without, status, done)
    result.n += len(chosen)
    result.facts |= {"forms": len(chosen), "audited": audited}


def _wrong(cell: Cell, refused: int, without: set[str], status: int, done: set[str]) -> Iterator[str]:
    name = cell.address.name
    if not done and not (name in THEIR_OWN and without):
        yield f"{cell}: answered {status}, and nothing came of it"
    elif name not in THEIR_OWN and "audit_event" not in done:
        yield f"{cell}: changed {', '.join(sorted(done))} and left no row in the trail"
    if "audit_event" in done and (without or refused != 500):
        yield f"{cell}: without its row it answered {refused} and changed {', '.join(sorted(without)) or 'nothing'}"


def _forms(cast: Cast) -> Iterator[Cell]:
    addresses = [address for address in cast.addresses if "POST" in address.methods and address.name not in ELSEWHERE]
    for address in sorted(addresses, key=lambda address: address.name == LAST):
        wanted = "own, live" if address.name in IN_LIVE_MODE else "own"
        for person in one_of_each(cast, address, full=False):
            for cell in cells(cast, address, person):
                if (cell.method, cell.case.name, cell.fragment) == ("POST", wanted, False):
                    yield cell


def _renewed(cast: Cast, cell: Cell) -> Cell:
    """The same form about something that nobody has ended yet."""
    name, slug = cell.address.name, cell.person.merchant or cast.slugs[0]
    if name in OF_NOBODY:
        made = cast.ask("given_up", slug=slug)
    elif name in OF_OTHERS | OF_THEIR_OWN:
        made = cast.ask("asked_for", slug=slug, email=cell.person.spare if name in OF_THEIR_OWN else "")
    else:
        return cell
    cast.merchants[slug]["objects"]["test"] |= made
    return replace(cell, case=next(case for case in cases(cast, cell.address, cell.person) if case.there))


class _Sender:
    """A person before one form, which they fill in once and may send several times."""

    def __init__(self, walker: Walker, cell: Cell) -> None:
        self.walker = walker
        email = cell.person.spare
        self.cookies = [
            {"csrf": TOKEN, "session": walker.cast.ask("sessions", emails=[email])[email]} for _ in range(2)
        ]
        self.path = walker.path_of(cell)
        form = _Form()
        if "GET" in cell.address.methods:
            form.feed(walker.visitor.ask("GET", self.path, cookies=self.cookies[0]).text)
        # A note is written once, however often it is sent.
        own = {"q": "", "form_key": str(uuid4())}
        confirmed = cell.case.typed[-1] if cell.address.name in OF_NOBODY else cell.person.merchant
        typed = {"confirmation": confirmed, **TYPED.get(cell.address.name, {})}
        self.body = urlencode({**form.values, **own, **typed}).encode()

    def send(self) -> int:
        """The status. Each time in a session of its own, since some forms end the one that sent them."""
        headers = form_headers(self.walker.url)
        return self.walker.visitor.ask(
            "POST", self.path, cookies=self.cookies.pop(), headers=headers, body=self.body
        ).status


def _changed(before: Snapshot, after: Snapshot) -> set[str]:
    return set(before.changed(after)) - BESIDES


@contextmanager
def _no_trail(site: Installation) -> Iterator[None]:
    with site.database(owner=True) as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT full_up CHECK (false) NOT VALID")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT full_up")
