"""What the actor does for tests that read an account from a stand-in processor."""

from typing import Any


def connect(*, slug: str, key: str, api_base: str) -> str:
    """A merchant with a connection to that address; the connection's public id."""
    from billing import clock
    from billing.audit.actor import SYSTEM
    from billing.merchants.create import create_merchant
    from billing.providers.models import ProviderAccount

    merchant = create_merchant(slug=slug, name=slug.title(), timezone="Europe/Paris", currency="EUR", by=SYSTEM)
    account = ProviderAccount(merchant=merchant, livemode=False, api_key=key, api_base=api_base, created_at=clock.now())
    account.save()
    return account.public_id


def start_reading(*, account: str) -> str:
    from billing.audit.actor import SYSTEM
    from billing.providers.models import ProviderAccount
    from billing.sync.models import RunKind
    from billing.sync.start import start_run

    run = start_run(account=ProviderAccount.objects.get(public_id=account), kind=RunKind.BACKFILL, by=SYSTEM)
    return run.public_id


def examine(*, reading: str) -> dict[str, Any]:
    """How many objects the processor has, and what is wrong with our copies of them."""
    from billing.mirror import registry
    from billing.providers import limiter
    from billing.sync.models import RunEnd, SyncRun
    from billing.sync.peer import Peer, Spot
    from billing.sync.suspects import compare_page

    limiter.configure(test=10_000)
    run = SyncRun.objects.select_related("account__merchant").get(public_id=reading)
    peer, problems, objects = Peer(run.account), [], 0
    if run.end != RunEnd.COMPLETE:
        problems.append(f"the reading ended as {run.end or run.state}: {run.error}")
    problems += [f"{each.object_type} {each.object_id}: {each.cause}" for each in run.findings.all()]
    for kind in registry.kinds():
        spot: Spot | None = Spot()
        listed = 0
        while spot is not None:
            leaf = peer.list_objects(kind, spot)
            for each in compare_page(run, peer, kind, leaf):
                problems.append(f"{kind} {each.object_id} differs: {dict(each.differences) or 'it is not here'}")
            listed, spot = listed + len(leaf.sources), leaf.following
        here = registry.of(kind).rows.filter(account=run.account).count()
        read = run.tally.get(kind, {}).get("read")
        if not listed == here == read:
            problems.append(f"{listed} {kind} are listed, {here} are here, {read} were counted")
        objects += listed
    return {"objects": objects, "problems": problems}
