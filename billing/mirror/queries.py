"""Finding mirrored rows by what people know of them: an id, or how a text begins."""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Expression, F, Q, QuerySet, Value
from django.db.models.functions import Collate, Concat, Upper

from billing.mirror.models import MirroredQuerySet, MirroredRow

Row = TypeVar("Row", bound=MirroredRow)
AnyQuerySet = TypeVar("AnyQuerySet", bound=QuerySet[Any, Any])
# Ids of connections, or a query for them.
Accounts = Collection[UUID] | QuerySet[Any, Any]
# Up to so many matches of a search are looked up by themselves.
FEW = 1_000
# Sorts after every character that a text may begin with.
_BEHIND_ALL = "\U0010ffff"


def named(rows: MirroredQuerySet[Row], text: str, *, accounts: Accounts) -> MirroredQuerySet[Row]:
    """The row with that id: ours, or the processor's at one of ``accounts``."""
    if text.startswith(f"{rows.model.PREFIX}_"):
        return rows.filter(public_id=text)
    return rows.filter(account__in=accounts, external_id=text)


def with_keys(rows: AnyQuerySet, *names: str) -> AnyQuerySet:
    """``rows`` whose columns ``names`` can be asked for by begins()."""
    found: AnyQuerySet = rows.alias(**{_alias(name): key(F(name)) for name in names})
    return found


def begins(name: str, text: str) -> Q:
    """Whose column ``name`` begins with ``text``, whatever the capitals; for rows of with_keys()."""
    low, high = key(Value(text)), key(Concat(Value(text), Value(_BEHIND_ALL)))
    # The last condition is that of partial indexes.
    return Q(**{f"{_alias(name)}__gte": low, f"{_alias(name)}__lt": high}) & ~Q(**{name: ""})


def by_any(rows: AnyQuerySet, ways: Sequence[Q]) -> AnyQuerySet:
    """``rows`` that any of ``ways`` finds, each of which has an index of its own."""
    # One by one each way is a short scan of its index. Joined by OR, and asked for in order of time, the planner would
    # rather walk through all rows until it has met enough that fit: right for many matches, slow for few.
    first, *others = (rows.filter(way).values_list("pk", flat=True)[: FEW + 1] for way in ways)
    ids = set(first.union(*others, all=True) if others else first)
    found: AnyQuerySet = rows.filter(pk__in=ids) if len(ids) <= FEW else rows.filter(reduce(or_, ways))
    return found


def key(text: Expression | F) -> Collate:
    """As the indexes hold it: capitals, compared by bytes, so that a beginning is a range."""
    return Collate(Upper(text), "C")


def _alias(name: str) -> str:
    return f"{name}_key"
