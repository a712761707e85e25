"""Saves, changes and deletes views, and says which one a list opens with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.models import Merchant
from portal.web.saved_views.models import LONGEST_NAME, MOST, DefaultView, ListKind, SavedView


class NameRefused(ValueError):
    """A name that is empty, longer than LONGEST_NAME or holds characters that nobody sees."""


class NameTaken(Exception):
    """The same person, or the team, has a view of that name in this list already, whatever its capitals."""


class TooManyViews(Exception):
    """The person, or the team, has MOST views of this list."""


class ViewIsPrivate(Exception):
    """Only what the team has can be what its list opens with."""


def save_view(
    *, merchant: Merchant, livemode: bool, kind: ListKind, owner_id: int | None, name: str, query: str, by: Actor
) -> SavedView:
    """A new view; ``owner_id`` None means the team's. ``query`` is one of known.stored_query(). Raises NameRefused,
    NameTaken, TooManyViews."""
    view = SavedView(
        merchant=merchant, livemode=livemode, kind=kind, owner_id=owner_id, name=tidy(name), query=f"?{query}"
    )
    with _one_of_a_name():
        _make_room(view)
        view.save(force_insert=True)
        _record(view, by, "view.saved")
    return view


def change_view(*, view: SavedView, name: str, owner_id: int | None, by: Actor) -> None:
    """Another name, or another owner: None gives a view to the team. What becomes private is nobody else's default any
    more. Raises NameRefused, NameTaken, TooManyViews."""
    moved = owner_id != view.owner_id
    view.name, view.owner_id = tidy(name), owner_id
    with _one_of_a_name():
        if moved:
            _make_room(view)
        view.save(update_fields=["name", "owner"])
        if owner_id is not None:
            DefaultView.objects.filter(view=view).exclude(user_id=owner_id).delete()
        _record(view, by, "view.changed")


def overwrite_view(*, view: SavedView, query: str, by: Actor) -> None:
    """The view from now on shows what ``query`` says."""
    view.query = f"?{query}"
    with transaction.atomic():
        view.save(update_fields=["query"])
        _record(view, by, "view.overwritten")


def delete_view(*, view: SavedView, by: Actor) -> None:
    """Whoever chose it as a default has none any more."""
    with transaction.atomic():
        _record(view, by, "view.deleted")
        view.delete()


def choose_default(
    *, merchant: Merchant, livemode: bool, kind: ListKind, user_id: int | None, view: SavedView | None, by: Actor
) -> None:
    """What the list opens with, for a person or, for ``user_id`` None, for everybody who has not chosen. Without a view
    it is the plain list. Raises ViewIsPrivate."""
    if user_id is None and view is not None and not view.is_shared:
        raise ViewIsPrivate("A private view cannot be the team's default.")
    place: dict[str, Any] = {"merchant": merchant, "livemode": livemode, "kind": kind, "user_id": user_id}
    with transaction.atomic():
        if user_id is None and view is None:
            DefaultView.objects.filter(**place).delete()
        else:
            DefaultView.objects.update_or_create(**place, defaults={"view": view})
        record(
            merchant_id=merchant.pk,
            actor=by,
            action="view.default_chosen",
            object_type="view",
            object_id=view.public_id if view else "",
            after={"list": kind, "livemode": livemode, "for": "person" if user_id else "team"},
        )


def tidy(name: str) -> str:
    """The name with single spaces. Raises NameRefused."""
    words = " ".join(name.split())
    if not 1 <= len(words) <= LONGEST_NAME or not words.isprintable():
        raise NameRefused(f"A name has 1 to {LONGEST_NAME} characters that can be seen.")
    return words


@contextmanager
def _one_of_a_name() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "saved_view_name" not in str(error):
            raise
        raise NameTaken("There is a view of that name.") from error


def _make_room(view: SavedView) -> None:
    others = SavedView.objects.for_merchant(view.merchant_id, view.livemode).filter(kind=view.kind)
    if others.filter(owner_id=view.owner_id).count() >= MOST:
        raise TooManyViews(f"At most {MOST} views of a list.")


def _record(view: SavedView, by: Actor, action: str) -> None:
    # Neither name nor query: both may tell of people, and nothing is ever taken from the trail.
    record(
        merchant_id=view.merchant_id,
        actor=by,
        action=action,
        object_type="view",
        object_id=view.public_id,
        after={"list": view.kind, "livemode": view.livemode, "shared": view.is_shared},
    )
