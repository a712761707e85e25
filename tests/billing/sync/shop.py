"""A merchant with a connection to an account of the stand-in processor, and what happens there."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from billing import clock
from billing.audit.actor import SYSTEM
from billing.mirror import registry
from billing.mirror.refetch import REFETCH
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.providers.base import Kind, ListedEvent
from billing.queue.registry import Queue
from billing.queue.run import claim_and_run
from billing.sync.models import Finding, RunKind, SyncCursor, SyncRun
from billing.sync.peer import Peer, Spot
from billing.sync.run import SYNC
from billing.sync.start import start_run
from billing.sync.suspects import Suspect, compare_page
from tests.billing.deliveries import deliver, make_connection, process_all
from tests.simulator.processes import Simulator

AGES = datetime(2020, 1, 1, tzinfo=UTC)
STEPS = 200


class Shop:
    def __init__(self, simulator: Simulator, key: str) -> None:
        self.simulator, self.key = simulator, key
        self.client = simulator.client(key)

    @cached_property
    def account(self) -> Any:
        return make_connection(api_base=self.simulator.url, api_key=self.key)

    @cached_property
    def peer(self) -> Peer:
        return Peer(self.account)

    @property
    def beginning(self) -> Spot:
        return Spot()

    # What happens at the processor

    def pay(self, amount: int = 2_000, card: str = "visa", **more: Any) -> Any:
        automatic = {"enabled": True, "allow_redirects": "never"}
        given = {"amount": amount, "currency": "eur", "confirm": True, "payment_method": f"pm_card_{card}"}
        return self.client.v1.payment_intents.create({**given, "automatic_payment_methods": automatic, **more})

    def refund(self, payment: Any, amount: int) -> Any:
        return self.client.v1.refunds.create({"charge": payment.latest_charge, "amount": amount})

    def passes(self, **time: float) -> None:
        self.simulator.control("POST", "/clock", advance=int(timedelta(**time).total_seconds()))

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.simulator.control("GET", "/clock")["now"], UTC)

    def breaks(self, kind: str, path: str, **more: Any) -> None:
        self.simulator.control("POST", "/faults", kind=kind, match=f"GET {path}", **more)

    def answers(self, path: str, *sources: dict[str, Any]) -> None:
        """The next list of that path is this one."""
        body = json.dumps({"object": "list", "data": sources, "has_more": False, "url": path})
        self.breaks("error", path, status=200, body=body)

    # What comes here

    def events(self, since: datetime = AGES) -> list[ListedEvent]:
        """Oldest first."""
        found: list[ListedEvent] = []
        spot: Spot | None = Spot()
        while spot is not None:
            leaf = self.peer.list_events(spot, since=since)
            found += leaf.events
            spot = leaf.following
        return found[::-1]

    def hears(self, unless: Callable[[str], bool] = lambda type_: False, *, since: datetime = AGES) -> None:
        """Events are delivered and processed, except those of some types."""
        for event in self.events(since):
            if not unless(event.callback.type):
                deliver(self.account, json.loads(event.body))
        process_all()

    # What we do

    def start(self, kind: RunKind = RunKind.BACKFILL, **more: Any) -> SyncRun:
        return start_run(account=self.account, kind=kind, by=SYSTEM, **more)

    def sync(self, kind: RunKind = RunKind.BACKFILL, *, pauses: bool = True, **more: Any) -> SyncRun:
        """A run from its beginning to its end; with ``pauses`` what it waits for by itself is over at once."""
        run = self.start(kind, **more)
        finish(run, pauses=pauses)
        return run

    def settle(self) -> None:
        """Everything that is due: events, doubts, outbox."""
        for _ in range(5):
            process_all()
            for queue in (OUTBOX, DELIVERIES, REFETCH):
                hurry(queue)
                while claim_and_run(queue):
                    pass

    def known_until(self, moment: datetime, movement: str = "") -> None:
        """As if the account had been read before."""
        SyncCursor.objects.update_or_create(
            account=self.account,
            defaults={"complete_until": moment, "newest_movement": movement, "watched_since": moment},
        )

    def findings(self, **more: Any) -> list[Finding]:
        return list(Finding.objects.filter(account=self.account, **more).order_by("pk"))

    def differences(self) -> list[Suspect]:
        """Objects of the processor that are not here or look different here."""
        run = SyncRun(account=self.account)
        found: list[Suspect] = []
        for kind in registry.kinds():
            spot: Spot | None = Spot()
            while spot is not None:
                leaf = self.peer.list_objects(kind, spot)
                found += compare_page(run, self.peer, kind, leaf)
                spot = leaf.following
        return found

    def rows(self, kind: Kind) -> Any:
        return registry.of(kind).rows.filter(account=self.account)


def hurry(queue: Queue) -> None:
    queue.model._default_manager.filter(state="pending").update(next_attempt_at=clock.now())


def finish(run: SyncRun, queue: Queue = SYNC, *, pauses: bool = True) -> None:
    for _ in range(STEPS):
        if pauses:
            hurry(queue)
        if not claim_and_run(queue):
            break
    run.refresh_from_db()
