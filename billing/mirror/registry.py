"""Which model mirrors which kind of object. Slices register theirs when Django starts."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from billing.mirror.models import Snapshot
from billing.providers.base import Kind


@dataclass(frozen=True, slots=True)
class Mirrored:
    """``open`` tells the rows whose object can still change by itself: an undecided dispute, a refund on its way."""

    kind: Kind
    model: type[Snapshot]
    open: Q = field(default_factory=lambda: Q(pk__in=[]))

    @property
    def rows(self) -> Any:
        return self.model._default_manager


_mirrored: dict[Kind, Mirrored] = {}


def mirrored(kind: Kind, model: type[Snapshot], *, open: Q | None = None) -> None:  # noqa: A002
    _mirrored[kind] = Mirrored(kind, model, open) if open is not None else Mirrored(kind, model)


def of(kind: Kind) -> Mirrored:
    """KeyError for a kind that no slice mirrors."""
    return _mirrored[kind]


def kinds() -> list[Kind]:
    """Parents before what refers to them."""
    return [kind for kind in Kind if kind in _mirrored]
