"""What the actor can do. Started as a process: reads one JSON request a line and answers with one."""

import importlib
import json
import os
import random
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

Act = Callable[..., Any]
# Modules with what the actor does for a test or two.
PLAYS = (
    *("cast", "guests", "sitemap", "reading", "poison_rows", "bookkeeping", "explaining", "tamperer"),
    *("refunding", "clerks", "dying"),
)
ACTS: dict[str, Act] = {}


def act(function: Act) -> Act:
    ACTS[function.__name__] = function
    return function


@act
def prepare() -> None:
    """An empty installation."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


@act
def open_shop(
    *, slug: str, zone: str, livemode: bool, secret: str, account: str = "", api_key: str = ""
) -> dict[str, Any]:
    """A merchant with one connection; to the processor that the installation has, or would have."""
    from billing.audit.actor import SYSTEM
    from billing.merchants.create import create_merchant
    from billing.providers.connect import connect_stripe

    merchant = create_merchant(slug=slug, name=slug.title(), timezone=zone, currency="EUR", by=SYSTEM)
    mode = "live" if livemode else "test"
    connection = connect_stripe(
        merchant=merchant,
        livemode=livemode,
        api_key=api_key or f"sk_{mode}_of_a_test",
        webhook_secret=secret,
        account=account,
        api_base=os.environ["COUNTERFOIL_PROCESSOR_BASES"],
        by=SYSTEM,
    )
    return {"merchant_id": merchant.pk, "account_id": str(connection.pk), "public_id": connection.public_id}


@act
def open_desk(*, email: str, password: str) -> None:
    """A person who can sign in."""
    from django.core.management import call_command

    call_command("create_user", email, password=password, stdout=sys.stderr)


@act
def code_of(*, email: str) -> str:
    """A one-time code that was not used yet."""
    from io import StringIO

    from django.core.management import call_command

    call_command("otp", email, stdout=(out := StringIO()))
    return out.getvalue().strip()


@act
def read_account(*, connection: str, kind: str) -> str:
    """Begins to read an account from the processor's side; answers the run."""
    from billing.audit.actor import SYSTEM
    from billing.providers.models import ProviderAccount
    from billing.sync.models import RunKind
    from billing.sync.start import RunUnderWay, start_run

    account = ProviderAccount.objects.get(public_id=connection)
    try:
        return start_run(account=account, kind=RunKind(kind), by=SYSTEM).public_id
    except RunUnderWay as under_way:
        return under_way.run.public_id


@act
def play_orders(*, base: str, key: str, orders: list[list[str]], pieces: list[int]) -> list[dict[str, Any]]:
    """Process each order of events (JSON) on a connection of its own, so many at a time; nothing of it stays."""
    from tests.trust.playing import play

    return [play(base=base, key=key, order=order, piece=piece) for order, piece in zip(orders, pieces, strict=True)]


@act
def replay_dead(*, since: str, until: str) -> int:
    """Puts every dead letter of that time back; returns how many."""
    from billing.audit.actor import SYSTEM
    from billing.webhooks.replay import replay_many

    replayed = replay_many(
        merchant=None,
        livemode=None,
        type_="",
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        only_dead=True,
        dry_run=False,
        by=SYSTEM,
    )
    return replayed.requeued


@act
def publish(*, producers: int, each: int, seed: int) -> int:
    """Facts of several threads at once, each committed after a wait that is random."""
    from django.db import connection, transaction

    from billing.outbox.publish import Fact
    from billing.outbox.publish import publish as publish_facts

    def produce(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        for position in range(each):
            with transaction.atomic():
                publish_facts([Fact("trust.probe", None, False, f"{number}-{position}")])
                time.sleep(chance.choice((0, 0, 0.002, 0.01, 0.05)))
        connection.close()

    threads = [threading.Thread(target=produce, args=(number,)) for number in range(producers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return producers * each


@act
def knock(*, connection: str, secret: str, foreign: str, livemode: bool, count: int, seed: int) -> dict[str, Any]:
    """Mutants of deliveries, put to the site's own WSGI application in this process."""
    from tests.trust.mutate import Door, knock_many

    return knock_many(Door(connection, secret, foreign, livemode), count=count, seed=seed)


@act
def stage(*, play: str, **arguments: Any) -> Any:
    """A function of one of the modules."""
    plays = (importlib.import_module(f"tests.trust.{name}") for name in PLAYS)
    found = next(module for module in plays if hasattr(module, play))
    return getattr(found, play)(**arguments)


def main() -> None:
    import django
    from django.db import close_old_connections

    # Nothing else may be printed where answers are read.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    django.setup()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            close_old_connections()
            answer = {"answer": ACTS[request.pop("act")](**request)}
        except Exception:  # noqa: BLE001 - told to whoever asked
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
