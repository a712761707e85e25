"""S8: nobody gets in by guessing, replaying, waiting or resetting, or learns who has an account."""

import re
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tests.trust.alike import unlike_answers
from tests.trust.annex import Annex, annex
from tests.trust.guest import Guest, fresh_address
from tests.trust.installation import Installation
from tests.trust.result import Result
from tests.trust.visitor import Visitor

CHECKS = 10
A_MINUTE = 10
ADDRESSES = 10
LANES = 16
WRONG = "not-the-password-1"
NEW = "copper-kettle-{}"
SAFE = "/me/security/codes/"
_REFUSED = "password is wrong"


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """On a second web process with open sign-up, behind a proxy, with a clock of its own."""
    result = Result("S8", seed, full)
    with annex(site, COUNTERFOIL_SIGNUP="open", COUNTERFOIL_TRUSTED_PROXIES="127.0.0.1") as place:
        entry = Entry(place, seed=seed, full=full)
        with entry.visitor:
            for part in (
                entry.enumerate,
                entry.guess,
                entry.stuff,
                entry.replay,
                entry.step_up,
                entry.stale,
                entry.reset,
            ):
                result.problems += part()
                place.set_clock(0)
    result.n = entry.count
    result.facts = entry.facts
    return result


class Entry:
    """Each part is a generator of what is wrong."""

    def __init__(self, place: Annex, *, seed: int, full: bool) -> None:
        self.place, self.seed, self.full = place, seed, full
        self.visitor = Visitor(place.url)
        self.tag = f"s8-{secrets.token_hex(4)}"
        self.count = 0
        self.facts: dict[str, Any] = {}

    def ask(self, play: str, **arguments: Any) -> Any:
        return self.place.site.actor.ask("stage", play=play, **arguments)

    def person(self, name: str) -> tuple[str, str]:
        """E-mail and password of a fresh person with an authenticator."""
        email = f"{name}@{self.tag}.example"
        return email, self.ask("open_person", email=email)

    def guest(self, **fields: str) -> Guest:
        return Guest(self.visitor, **fields)

    def signed_in(self, email: str) -> Guest:
        guest = self.guest()
        guest.cookies["session"] = self.ask("sessions", emails=[email])[email]
        return guest

    def expect(self, right: bool, otherwise: str) -> Iterator[str]:
        self.count += 1
        if not right:
            yield otherwise

    def enumerate(self) -> Iterator[str]:
        pairs = 300 if self.full else 4
        known = self.ask("open_guests", tag=self.tag, count=pairs * (3 if self.full else 1) + 1)
        yield from unlike_answers(self, known[1:], pairs=pairs)
        tokens = self.ask("dead_invitations", email=known[0])
        for method in ("get", "post"):
            answers = {_same(getattr(self.guest(), method)(f"/accounts/invite/{token}/")) for token in tokens}
            yield from self.expect(len(answers) == 1, f"dead invitations are told apart: {method}")

    def guess(self) -> Iterator[str]:
        """Many at once, from ten addresses that claim others, while allauth forgets everything all the time."""
        email, password = self.person("victim")
        checked = 0
        for wave, size in enumerate((200, 60, 60, 60) if self.full else (30, 16, 16)):
            addresses = [fresh_address() for _ in range(ADDRESSES)]

            def attempt(number: int, addresses: list[str] = addresses) -> str:
                guest = self.guest(address=addresses[number % ADDRESSES], claimed=fresh_address())
                return guest.type_password(email, WRONG).text

            # With allauth's limits out of the way the site's own must hold, even among guesses that overlap.
            with self._forgetful(), ThreadPoolExecutor(LANES, thread_name_prefix="guess") as pool:
                answers = list(pool.map(attempt, range(size)))
            found = sum(_REFUSED in answer for answer in answers)
            if wave == 0:
                yield from self.expect(found > 0, "no guess was checked: this proves nothing")
            checked += found
            self.count += size
        self.facts["checked"] = checked
        yield from self.expect(checked <= CHECKS, f"{checked} passwords were checked within half an hour")
        for minutes, opens in ((0, False), (29, False), (31, True)):
            self.place.set_clock(minutes * 60)
            self.ask("forget_limits")
            answer = self.guest().type_password(email, password)
            yield from self.expect(
                (answer.target == "/accounts/2fa/challenge/") is opens,
                f"after {minutes} minutes the right password leads to {answer.target!r} ({answer.status})",
            )

    def stuff(self) -> Iterator[str]:
        """One guess for each of many accounts, from one address that claims to be another one each time."""
        self.ask("forget_limits")
        address = fresh_address()

        def attempt(number: int) -> str:
            guest = self.guest(address=address, claimed=fresh_address())
            return guest.type_password(f"any{number}@{self.tag}.example", WRONG).text

        started = time.monotonic()
        with ThreadPoolExecutor(LANES, thread_name_prefix="stuff") as pool:
            answers = list(pool.map(attempt, range(2 * LANES)))
        checked = sum(_REFUSED in answer for answer in answers)
        # Ten a minute, and the minute moves on.
        most = A_MINUTE * (1 + int((time.monotonic() - started) // 60))
        yield from self.expect(0 < checked <= most, f"{checked} passwords were checked for one address, not {most}")

    def replay(self) -> Iterator[str]:
        """One code for many sign-ins at once, then again, then the one before it."""
        email, password = self.person("twice")
        guests = [self.guest() for _ in range(8 if self.full else 4)]
        for guest in guests:
            guest.type_password(email, password)
            self.ask("forget_limits")
        code, earlier = self.ask("code_at", email=email, seconds=0), self.ask("code_at", email=email, seconds=-30)
        with ThreadPoolExecutor(len(guests), thread_name_prefix="replay") as pool:
            list(pool.map(lambda guest: guest.type_code(code), guests))
        let_in = sum(guest.is_in for guest in guests)
        yield from self.expect(let_in == 1, f"{let_in} of {len(guests)} came in with one code")
        for again, name in ((code, "the code"), (earlier, "an earlier code")):
            self.ask("forget_limits")
            late = self.guest()
            late.type_password(email, password)
            late.type_code(again)
            yield from self.expect(not late.is_in, f"{name} was taken again after the cache was emptied")
        stranger = self.guest()
        stranger.cookies["session"] = self.ask("unproved_session", email=email)
        yield from self.expect(not stranger.is_in, "a session without a proved factor is signed in")

    def step_up(self) -> Iterator[str]:
        email, _ = self.person("careful")
        guest = self.signed_in(email)
        for seconds, fresh in ((0, True), (4 * 60 + 50, True), (5 * 60 + 5, False), (14 * 60, False)):
            self.place.set_clock(seconds)
            answer = guest.get(SAFE)
            yield from self.expect(
                (answer.status == 200) is fresh, f"{seconds} s after the code {SAFE} answers {answer.status}"
            )
        before = self.ask("codes_made_at", email=email)
        guest.post(SAFE)
        yield from self.expect(before == self.ask("codes_made_at", email=email), "an old factor made new codes")

    def stale(self) -> Iterator[str]:
        """Sessions that must be over, each with a way to end it."""
        for name, end in _ENDS.items():
            email, password = self.person(name.replace(" ", "-"))
            here, there = self.signed_in(email), self.signed_in(email)
            if not (here.is_in and there.is_in):
                yield f"{name}: nobody was signed in to begin with"
            stays = end(self, here, email, password)
            yield from self.expect(not there.is_in, f"{name}: another session goes on")
            yield from self.expect(here.is_in is stays, f"{name}: this session {'ended' if stays else 'goes on'}")
            self.place.set_clock(0)

    def reset(self) -> Iterator[str]:
        email, _ = self.person("forgetful")
        before, guest = self.signed_in(email), self.guest()
        guest.post("/accounts/password/reset/", email=email)
        link = self._mailed(email)
        form = guest.get(link).target
        answer = guest.post(form, password1=NEW.format(91))
        yield from self.expect(answer.status == 302, f"the reset answers {answer.status}")
        yield from self.expect(not guest.is_in, "a reset signs in")
        yield from self.expect(not before.is_in, "a reset leaves sessions open")
        # Whichever way the link is used again.
        again = self.guest()
        second = again.get(link)
        target = again.post(second.target or link, password1=NEW.format(92))
        yield from self.expect(target.status != 302, "the link of a reset works twice")
        self.ask("forget_limits")
        entered = self.guest().type_password(email, NEW.format(91))
        yield from self.expect(
            entered.target == "/accounts/2fa/challenge/", f"after a reset the password leads to {entered.target!r}"
        )

    @contextmanager
    def _forgetful(self) -> Iterator[None]:
        """Empties the cache without pause."""
        over = threading.Event()

        def forget() -> None:
            with self.place.site.database() as cursor:
                while not over.wait(0.002):
                    cursor.execute("DELETE FROM cache")

        thread = threading.Thread(target=forget, daemon=True, name="forgetful")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _mailed(self, email: str) -> str:
        """The path of the link in the mail to this address, which comes after the answer."""
        folder = self.place.site.data / "mail"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for file in folder.glob("*.log"):
                text = file.read_text(errors="replace")
                found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", text)
                if f"To: {email}" in text and found:
                    return found[1]
            time.sleep(0.05)
        raise RuntimeError(f"no mail to {email}")


def _same(answer: Any) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", f"{answer.status} {answer.target} {answer.text}")


def _new_password(entry: Entry, here: Guest, email: str, password: str) -> bool:
    here.post("/me/security/password/", oldpassword=password, password1=NEW.format(90))
    return True


def _new_factor(entry: Entry, here: Guest, email: str, password: str) -> bool:
    here.post("/me/security/authenticator/")
    here.post("/me/security/authenticator/", code=entry.ask("pending_code", email=email))
    return True


def _sign_out(entry: Entry, here: Guest, email: str, password: str) -> bool:
    kept = dict(here.cookies)
    here.post("/me/sessions/others/end/")
    here.post("/accounts/logout/")
    # A copy of the cookie is worth nothing.
    here.cookies.update(kept)
    return False


def _by_actor(play: str) -> Any:
    def end(entry: Entry, here: Guest, email: str, password: str) -> bool:
        entry.ask(play, email=email)
        return False

    return end


def _later(seconds: float) -> Any:
    def end(entry: Entry, here: Guest, email: str, password: str) -> bool:
        entry.place.set_clock(seconds)
        return False

    return end


_ENDS = {
    "password changed": _new_password,
    "authenticator replaced": _new_factor,
    "signed out": _sign_out,
    "role changed": _by_actor("demote"),
    "staff role changed": _by_actor("promote"),
    "factor removed": _by_actor("take_factor"),
    "account closed": _by_actor("close_account"),
    "idle": _later(15 * 60 + 90),
    "half a day": _later(12 * 3600 + 60),
}
