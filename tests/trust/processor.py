"""The processor of an installation: the simulator behind a proxy, and our clocks, which follow its own."""

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from portal.embedded.stand_in import StandIn
from tests.trust.differ import Difference, compare, count
from tests.trust.installation import ASKING, OURS, Installation
from tests.trust.sender import Shop
from tests.trust.stripe_lists import Account, Books, read_books

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SLIGHTLY = 2 * MINUTE
ASKS = ("sweeper", "asker")
ALL = (*OURS, "asker", "actor")
NOWHERE = "http://127.0.0.1:1/"
# What an account's rows are in each queue.
_OF_ACCOUNT = "account_id = %(account)s"
_OF_MERCHANT = "merchant_id = %(merchant)s"
QUEUES = {
    "webhook_event": _OF_ACCOUNT,
    "refetch": _OF_ACCOUNT,
    "sync_run": _OF_ACCOUNT,
    "money_command": _OF_ACCOUNT,
    "outbox_event": _OF_MERCHANT,
    "outbox_delivery": f"event_id IN (SELECT id FROM outbox_event WHERE {_OF_MERCHANT})",
}
# What still has to be done now; what waits for a later hour or for its parent is not.
_DUE = """SELECT count(*) FROM {table} WHERE {owned} AND (state = 'leased' OR
           (state = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= to_timestamp(%(soon)s))))"""
_BETWEEN = "BETWEEN to_timestamp(%(since)s) AND to_timestamp(%(until)s)"
_TOOK = {
    "webhook_event": f"""SELECT extract(epoch FROM coalesce(processed_at, to_timestamp(%(until)s)) - received_at)
                           FROM webhook_event WHERE {_OF_ACCOUNT} AND received_at {_BETWEEN}""",
    "outbox_delivery": f"""SELECT extract(epoch FROM coalesce(sent.processed_at, to_timestamp(%(until)s)) - created_at)
                             FROM outbox_delivery AS sent JOIN outbox_event AS event ON event.id = event_id
                            WHERE {_OF_MERCHANT} AND created_at {_BETWEEN}""",
}
_numbers = itertools.count(1)


@dataclass
class Processor:
    """One account at the simulator, connected to a merchant of the installation. Times are Unix seconds there."""

    site: Installation
    key: str
    account: str
    shop: Shop
    endpoint: str
    # Seconds by which clocks of ours are wrong.
    skew: dict[str, int] = field(default_factory=dict)

    @property
    def door(self) -> StandIn:
        return self.site.stand_in

    @property
    def now(self) -> int:
        return self.door.clock()

    def call(self, method: str, path: str, **params: Any) -> Any:
        """As somebody does it in the processor's dashboard."""
        return self.door.call(self.account, method, path, **params)

    def pay(self, amount: int = 2_000, **more: Any) -> Any:
        """A payment by card, now."""
        never = {"enabled": True, "allow_redirects": "never"}
        card = {"payment_method": "pm_card_visa", "confirm": True, "automatic_payment_methods": never}
        return self.call("POST", "/v1/payment_intents", amount=amount, currency="eur", **card, **more)

    def act(self, path: str, **given: Any) -> Any:
        """What banks and customers do, by the control door."""
        return self.door.ask("POST", path, account=self.account, **given)

    def follow(self, *names: str) -> None:
        """Lets the clocks of these processes of ours (all without a name) read what the processor's clock reads, but
        for their `skew`."""
        distance = self.now - time.time()
        for name in names or ALL:
            self.site.set_clock(distance + self.skew.get(name, 0), name)

    def write_history(self, *, days: int, payments: int, profile: str = "outdoor") -> None:
        """A past that nobody heard of; afterwards it is its end."""
        world = {"key": self.key, "profile": profile, "payments": payments}
        job = self.door.ask("POST", "/worlds", **world, days=days)
        while (told := self.door.ask("GET", f"/worlds/{job['id']}"))["state"] == "running":
            time.sleep(0.1)
        if told["state"] != "done":
            raise RuntimeError(f"no history: {told['error']}")
        self.follow()

    def begin_life(self, *, days: int, payments: int, profile: str = "outdoor") -> None:
        """From now on customers come as the clock goes."""
        world = {"key": self.key, "profile": profile, "payments": payments}
        self.door.ask("POST", "/scenarios/day", **world, days=days)

    def pass_time(self, seconds: int) -> int:
        """So much happens at the processor, and is delivered at its end, in two minutes more; our clocks follow.

        The door's clock goes first, since signatures are of the processor's time. Whoever asks the processor stands
        still until all has arrived that does arrive: it must not take for lost what only waited for this test. Answers
        the newest reading that began before that.
        """
        for name in ASKS:
            self.site.pause(name)
        self.door.ask("POST", "/deliveries", paused=True)
        self.door.clock(advance=seconds)
        self.follow("web")
        self.door.ask("POST", "/deliveries", paused=False)
        self.door.ask("POST", "/deliveries/settle")
        # Slight delays count from the moment of sending.
        self.door.clock(advance=SLIGHTLY)
        # Before our clocks move: what comes round at once then is read after this, and no other comes for long.
        newest = self.newest_run()
        self.follow()
        for name in ASKS:
            self.site.resume(name)
        return newest

    def read(self, kind: str, *, within: float) -> dict[str, Any]:
        """Has the account read now ("backfill", "gaps" or "drift"), and waits for the end of it."""
        return self._await(self.site.actor.ask("read_account", connection=self.shop.public_id, kind=kind), within)

    def wait_for_round(self, kind: str, *, after: int, within: float) -> dict[str, Any]:
        """The first reading of that kind that begins by itself after run number ``after``, once it has ended."""
        deadline = time.monotonic() + within
        while True:
            with self.site.database() as cursor:
                newer = "SELECT public_id FROM sync_run WHERE account_id = %s AND kind = %s AND id > %s ORDER BY id"
                cursor.execute(newer, [self.shop.account_id, kind, after])
                found = cursor.fetchone()
            if found:
                return self._await(found[0], within)
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {kind} began within {within:.0f} s")
            # One that began before may be under way yet, and none begins beside it.
            self._hasten()
            time.sleep(0.05)

    def newest_run(self) -> int:
        with self.site.database() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM sync_run WHERE account_id = %s", [self.shop.account_id])
            return int(cursor.fetchone()[0])

    def _await(self, run: str, within: float) -> dict[str, Any]:
        deadline = time.monotonic() + within
        while True:
            with self.site.database() as cursor:
                cursor.execute('SELECT state, "end", tally, phase, error FROM sync_run WHERE public_id = %s', [run])
                state, end, tally, phase, error = cursor.fetchone()
            if end:
                return {"end": end, "tally": tally}
            if state == "dead" or time.monotonic() > deadline:
                raise TimeoutError(f"{run} is {state} in {phase or 'no phase'} after {within:.0f} s: {error}")
            self._hasten()
            time.sleep(0.05)

    def _hasten(self) -> None:
        """Does not wait the minutes that a run gives to what is on its way: nothing is."""
        with self.site.database() as cursor:
            cursor.execute(
                """UPDATE sync_run SET next_attempt_at = now() WHERE account_id = %s AND state = 'pending'
                    AND phase IN ('again', 'confirm') AND next_attempt_at > now()""",
                [self.shop.account_id],
            )

    def listen(self, *, on: bool) -> None:
        """Whether the webhook endpoint is there; while it is not, nothing is sent or kept for it."""
        self.call("POST", f"/v1/webhook_endpoints/{self.endpoint}", disabled=not on)

    def deliveries(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.door.ask("GET", "/deliveries")
        return told

    def clear_faults(self) -> None:
        self.door.ask("DELETE", "/faults")

    def books(self) -> Books:
        return read_books(Account(self.door.base, self.key))

    def differences(self) -> tuple[list[Difference], int]:
        """What differs, and of how many objects; nothing may happen meanwhile."""
        books = self.books()
        with self.site.database() as cursor:
            return compare(cursor, self.shop.account_id, books), count(books)

    def event_ids(self) -> set[str]:
        """Of all events that are here."""
        with self.site.database() as cursor:
            cursor.execute("SELECT external_id FROM webhook_event WHERE account_id = %s", [self.shop.account_id])
            return {row[0] for row in cursor.fetchall()}

    def findings(self, *, after: int = 0) -> list[dict[str, Any]]:
        """What readings wrote down since the finding of that number."""
        with self.site.database() as cursor:
            cursor.execute(
                """SELECT kind, object_type, object_id, event_external_id, field, ours, theirs, amount, cause
                     FROM sync_finding WHERE account_id = %s AND id > %s""",
                [self.shop.account_id, after],
            )
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def newest_finding(self) -> int:
        with self.site.database() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM sync_finding")
            return int(cursor.fetchone()[0])

    def here_now(self) -> float:
        """What our own clocks read."""
        return time.time() + float(self.site.clock_of("sweeper").read_text())

    def took(self, table: str, since: float, until: float) -> list[float]:
        """Seconds from when a row came to when its work was done, for those that came between these times of ours."""
        with self.site.database() as cursor:
            cursor.execute(_TOOK[table], {**self._given, "since": since, "until": until})
            return [float(row[0]) for row in cursor.fetchall()]

    def tries(self, table: str) -> list[tuple[str, int]]:
        """(state, tries that are used up) of every row that somebody still works on, or has given up."""
        with self.site.database() as cursor:
            owned = f"SELECT state, attempts FROM {table} WHERE {QUEUES[table]} AND state <> 'done'"
            cursor.execute(owned, self._given)
            return list(cursor.fetchall())

    def wait_until_asked(self, *, within: float) -> bool:
        """Until every question to the processor that is open now has been answered."""
        began, deadline = self.here_now(), time.monotonic() + within
        open_ones = f"""SELECT count(*) FROM refetch WHERE {QUEUES["refetch"]} AND state <> 'done'
                           AND asked_at <= to_timestamp(%(began)s)"""
        with self.site.database() as cursor:
            while True:
                cursor.execute(open_ones, {**self._given, "began": began})
                if not cursor.fetchone()[0]:
                    return True
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.1)

    @property
    def _given(self) -> dict[str, Any]:
        return {"account": self.shop.account_id, "merchant": self.shop.merchant_id}

    def wait_until_quiet(self, *, within: float) -> bool:
        """Until nothing is left to do now, twice in a row: work makes work."""
        deadline, calm = time.monotonic() + within, 0
        while calm < 2:
            if time.monotonic() > deadline:
                return False
            calm = 0 if any(self.due().values()) else calm + 1
            time.sleep(0.15)
        return True

    def due(self) -> dict[str, int]:
        """How many rows of each queue are due within two seconds of our time."""
        soon = self.here_now() + 2
        given = {**self._given, "soon": soon}
        with self.site.database() as cursor:
            found = {}
            for table, owned in QUEUES.items():
                cursor.execute(_DUE.format(table=table, owned=owned), given)
                found[table] = cursor.fetchone()[0]
            return found


def open_processor(site: Installation, *, seed: int, zone: str = "Europe/Paris") -> Processor:
    """A simulator with empty books, whose clock stands at the next whole hour but midnight, and a merchant connected to
    it."""
    number = next(_numbers)
    for name in ASKING:
        site.kill(name)
    site.books = site.data / f"books-{number}"
    site.start(*ASKING)
    hour = int(time.time()) // HOUR + 1
    # At midnight payouts move: in the very second in which a past that nobody heard of would end.
    site.stand_in.clock(freeze=(hour + (hour % 24 == 0)) * HOUR)
    site.stand_in.ask("POST", "/deliveries", virtual=True)
    # Of the seed alone: a world is a function of its account, too.
    key = f"sk_test_trust{seed}"
    account = site.stand_in.ask("GET", f"/account?key={key}")["account"]
    endpoint = site.stand_in.call(account, "POST", "/v1/webhook_endpoints", url=NOWHERE, enabled_events=["*"])
    opened = site.actor.ask(
        "open_shop",
        slug=f"trust-{secrets.token_hex(6)}",
        zone=zone,
        livemode=False,
        secret=endpoint["secret"],
        api_key=key,
    )
    shop = Shop(**opened, secret=endpoint["secret"], zone=zone, livemode=False)
    site.stand_in.call(account, "POST", f"/v1/webhook_endpoints/{endpoint['id']}", url=site.url + shop.path)
    opened_one = Processor(site, key, account, shop, endpoint["id"])
    opened_one.follow()
    site.wait_for_handlers(*OURS[1:], "asker")
    return opened_one
