"""Finding mirrored rows by what people know of them: an id, or how a text begins."""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Expression, F, Q, QuerySet, Value
from django.db.models.functions import Collate, Concat, Upper

from billing.mirror.models import MirroredQuerySet, MirroredRow

Row = TypeVar("Row", bound=MirroredRow)
AnyQuerySet = TypeVar("AnyQuerySet", bound=QuerySet[Any, Any])
# Ids of connections, or a query for them.
Accounts = Collection[UUID] | QuerySet[Any, Any]
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


def key(text: Expression | F) -> Collate:
    """As the indexes hold it: capitals, compared by bytes, so that a beginning is a range."""
    return Collate(Upper(text), "C")


def _alias(name: str) -> str:
    return f"{name}_key"
