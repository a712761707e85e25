"""Which model mirrors which kind of object. Slices register theirs when Django starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from billing.mirror.models import Snapshot
from billing.mirror.order import key_of
from billing.providers.base import Kind
from billing.webhooks.handlers import Key


@dataclass(frozen=True, slots=True)
class Mirrored:
    """``open`` tells the rows whose object can still change by itself: an undecided dispute, a refund on its way.
    ``told`` gives what a neutral event says by the names of our fields, ``shown`` what a row says by the same names;
    without it they are the row's attributes. ``leaves``: see ``billing.mirror.fold.Shape``."""

    kind: Kind
    model: type[Snapshot]
    told: Callable[[Any], Mapping[str, Any]]
    open: Q
    shown: Callable[[Any], Mapping[str, Any]] | None
    leaves: Callable[[Any], bool] | None

    @property
    def rows(self) -> Any:
        return self.model._default_manager

    def key_of(self, account_id: UUID, external_id: str) -> Key | None:
        """Where the shown snapshot of that object stands; None where none is shown."""
        row = self.rows.filter(account_id=account_id, external_id=external_id).first()
        return key_of(row) if row is not None else None

    def differences(self, event: Any, row: Any) -> dict[str, tuple[Any, Any]]:
        """(ours, theirs) by field, where a row says something else than a snapshot. Writes nothing."""
        if self.leaves is not None and self.leaves(event):
            return {} if row.deleted else {"deleted": (False, True)}
        told = self.told(event)
        shown = self.shown(row) if self.shown is not None else {name: getattr(row, name) for name in told}
        return {name: (shown.get(name), value) for name, value in told.items() if shown.get(name) != value}


_mirrored: dict[Kind, Mirrored] = {}


def mirrored(
    kind: Kind,
    model: type[Snapshot],
    *,
    told: Callable[[Any], Mapping[str, Any]],
    shown: Callable[[Any], Mapping[str, Any]] | None = None,
    leaves: Callable[[Any], bool] | None = None,
    open: Q | None = None,  # noqa: A002
) -> None:
    _mirrored[kind] = Mirrored(kind, model, told, open if open is not None else Q(pk__in=[]), shown, leaves)


def of(kind: Kind) -> Mirrored:
    """KeyError for a kind that no slice mirrors."""
    return _mirrored[kind]


def kinds() -> list[Kind]:
    """Parents before what refers to them."""
    return [kind for kind in Kind if kind in _mirrored]
