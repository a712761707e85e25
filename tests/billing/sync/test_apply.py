"""Snapshots that were asked for take effect, whatever stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import OperationalError

from billing.providers.base import Kind
from billing.queue.run import TryAgain
from billing.sync.apply import apply, count
from billing.webhooks import handlers
from billing.webhooks.handlers import Inbound, Result, Source
from billing.webhooks.models import Outcome
from tests.billing.sync.shop import Shop

pytestmark = pytest.mark.django_db


def refunds(shop: Shop, count: int) -> list[Inbound]:
    payment = shop.pay(5_000)
    for _ in range(count):
        shop.refund(payment, 100)
    shop.hears(unless=lambda type_: "refund" in type_)
    leaf = shop.peer.list_objects(Kind.REFUND, shop.beginning)
    return [
        shop.peer.inbound(-number, Kind.REFUND, shop.peer.read(source), leaf.observed_at, source=Source.BACKFILL)
        for number, source in enumerate(leaf.sources, 1)
    ]


def test_one_that_the_database_refuses_stops_no_other(shop: Shop):
    batch = refunds(shop, 5)
    batch[2] = replace(batch[2], event=replace(batch[2].event, amount=0))
    applied = apply(batch)
    assert applied.refused == {-3: "IntegrityError refund_amount"}
    assert set(applied.results) == {-1, -2, -4, -5}
    assert shop.rows(Kind.REFUND).count() == 4
    told = count({"refund": {"read": 1}}, "refund", applied, unreadable=1)
    assert told["refund"] == {"read": 7, "made": 4, "changed": 0, "unreadable": 2}


def test_children_wait_for_their_parent(shop: Shop):
    batch = refunds(shop, 2)
    batch[0] = replace(batch[0], event=replace(batch[0].event, charge_id="ch_unknown"))
    applied = apply(batch)
    assert applied.parked == [-1]
    assert applied.results[-1].waits_for == "ch_unknown"
    assert applied.results[-2].outcome is Outcome.CHANGED


@dataclass(frozen=True)
class Probe:
    external_id: str = "probe_1"


@pytest.mark.parametrize("failure", [TryAgain("faster"), OperationalError("gone")])
def test_what_says_nothing_about_a_snapshot_is_raised(shop: Shop, failure: Exception, monkeypatch: pytest.MonkeyPatch):
    def handle(batch: Sequence[Inbound]) -> dict[int, Result]:
        raise failure

    monkeypatch.setitem(handlers._handlers, Probe, handle)
    probe: Any = Probe()
    item = shop.peer.inbound(-1, Kind.REFUND, probe, shop.now, source=Source.BACKFILL)
    with pytest.raises(type(failure)):
        apply([item])
