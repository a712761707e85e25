"""Fold snapshots of one kind of object into its rows, in any order, any number of times."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import IntegrityError

from billing import clock
from billing.bulk import insert, overwrite
from billing.figures.keep import Counted, count, current
from billing.figures.sources import Source
from billing.ids import new_id
from billing.mirror.ask import Wanted, ask
from billing.mirror.models import MirroredRow
from billing.mirror.order import stamp, weigh
from billing.outbox.publish import Fact, publish
from billing.providers.base import Kind
from billing.queue.run import TryAgain
from billing.retry import sqlstate
from billing.webhooks.handlers import Effect, Inbound, Result
from billing.webhooks.models import Outcome

Row = TypeVar("Row", bound=MirroredRow)
Ref = tuple[UUID, str]
"""An object of the processor: our connection's id and the processor's id."""
UNIQUE_VIOLATION = "23505"
IDENTITY = ("account_id", "external_id")
_NEVER_CHANGES = {"public_id", "merchant_id", "livemode"}


@dataclass(frozen=True, slots=True)
class Shape(Generic[Row]):
    """How objects of a kind become rows of ``model``: ``values`` gives the row's attributes of a snapshot, in the form
    in which the database gives them back.

    ``leaves`` is for objects of which a bare id is left once they are deleted: whether a snapshot is such a stub. It
    says nothing else, so it sets ``deleted`` and takes no place in the order; nothing sets that back. ``counts`` are
    the figures that rows add to.
    """

    kind: Kind
    model: type[Row]
    values: Callable[[Any], Mapping[str, Any]]
    leaves: Callable[[Any], bool] = lambda event: False
    counts: Sequence[Source[Row]] = ()


@dataclass(slots=True)
class Folded(Generic[Row]):
    """What became of one snapshot. ``dirty``: its row is to be written; ``before``: the attributes that changed."""

    item: Inbound
    row: Row
    created: bool
    dirty: bool
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return self.created or bool(self.before)

    def result(self, kind: Kind) -> Result:
        if not self.changed:
            return Result(Outcome.NO_CHANGE)
        effect = Effect("created" if self.created else "changed", kind, self.row.public_id)
        changes = {}
        if self.item.asked and not self.created:
            changes = {name: (old, getattr(self.row, name)) for name, old in self.before.items()}
        return Result(Outcome.CHANGED, (effect,), changes)


def fold(
    batch: Sequence[Inbound],
    shape: Shape[Row],
    *,
    parents: Mapping[int, Mapping[str, Any]] | None = None,
    names: Mapping[int, str] | None = None,
    tells: Callable[[Row], dict[str, str]] | None = None,
) -> list[Folded[Row]]:
    """Apply snapshots of one kind inside the caller's transaction, after the locks of their parents.

    ``parents`` are further attributes by row id of the inbox, such as the payment that a refund belongs to; ``names``
    the public ids of those that have one already, should they make a row. ``tells`` gives the payload of the fact that
    a row changed. Existing rows are locked in the order of their ids. Raises
    TryAgain when another worker made the same row.
    """
    rows = _load(batch, shape.model)
    counted = {ref: count(row, shape.counts) for ref, row in rows.items()} if shape.counts else {}
    done, doubts = [], []
    for item in batch:
        row = rows.get((item.account_id, item.event.external_id))
        made = row is None
        if row is None:
            row = rows[item.account_id, item.event.external_id] = _new(
                item, shape.model, (names or {}).get(item.row_id)
            )
        folded, doubt = _apply(row, item, shape, (parents or {}).get(item.row_id, {}), made=made)
        done.append(folded)
        if doubt:
            doubts.append(Wanted(item.account_id, shape.kind, item.event.external_id, doubt))
    _save([each.row for each in done if each.dirty])
    if shape.counts:
        _count(batch, rows, shape.counts, counted)
    ask(doubts)
    fact = f"{shape.kind}.changed"
    publish(
        Fact(fact, row.merchant_id, row.livemode, row.public_id, tells(row) if tells else {}) for row in changed(done)
    )
    return done


def changed(done: Sequence[Folded[Row]]) -> list[Row]:
    """The rows that say something else now, or are new; each once."""
    return list({each.row.pk: each.row for each in done if each.changed}.values())


def _count(
    batch: Sequence[Inbound], rows: Mapping[Ref, Row], sources: Sequence[Source[Row]], before: Mapping[Ref, Counted]
) -> None:
    merchants = {item.merchant.pk: item.merchant for item in batch}
    differences = current()
    for ref, row in rows.items():
        merchant, after = merchants[row.merchant_id], count(row, sources)
        differences.change(merchant, row.livemode, sources, before=before.get(ref), after=after)


def _load(batch: Sequence[Inbound], model: type[Row]) -> dict[Ref, Row]:
    known = model._default_manager.filter(
        account_id__in={item.account_id for item in batch},
        external_id__among={item.event.external_id for item in batch},
    )
    locked = known.order_by("pk").select_for_update(no_key=True, of=("self",))
    return {(row.account_id, row.external_id): row for row in locked}


def _new(item: Inbound, model: type[Row], name: str | None) -> Row:
    return model(
        public_id=name or new_id(model.PREFIX),
        merchant_id=item.merchant.pk,
        account_id=item.account_id,
        livemode=item.livemode,
        external_id=item.event.external_id,
        created_at=item.occurred_at,
    )


def _apply(
    row: Row, item: Inbound, shape: Shape[Row], parents: Mapping[str, Any], *, made: bool
) -> tuple[Folded[Row], str]:
    if shape.leaves(item.event):
        return _delete(row, item, made=made), ""
    values = {**shape.values(item.event), **parents}
    if getattr(row, "deleted", False):
        values.pop("deleted", None)
    dirty = made
    if not item.asked:
        # Old forms do not say when an object was made: then it is at least as old as its oldest event, whatever the
        # order in which events come.
        born = min(row.created_at, values.pop("created_at", item.occurred_at))
        dirty, row.created_at = dirty or born != row.created_at, born
    before = {name: old for name, value in values.items() if (old := getattr(row, name)) != value}
    weighing = weigh(row, item, same=not before and not made)
    if not weighing.applies:
        return Folded(item, row, made, dirty), weighing.doubt
    for name in before:
        setattr(row, name, values[name])
    stamp(row, item)
    row.updated_at = clock.now()
    return Folded(item, row, made, dirty=True, before={} if made else before), weighing.doubt


def _delete(row: Any, item: Inbound, *, made: bool) -> Folded[Any]:
    before = {} if row.deleted else {"deleted": False}
    row.deleted, row.updated_at = True, clock.now()
    return Folded(item, row, made, dirty=made or bool(before), before={} if made else before)


def _save(rows: Sequence[Row]) -> None:
    unique = list({id(row): row for row in rows}.values())
    stored = [row for row in unique if row.pk is not None]
    try:
        insert([row for row in unique if row.pk is None], unique=IDENTITY)
    except IntegrityError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        raise TryAgain("another worker made the same row") from error
    overwrite(stored, unique=IDENTITY, keep=_NEVER_CHANGES)
