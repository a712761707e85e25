"""Who looks at the page of somebody's object, from which face of the site, and what they may do there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from billing.customers.reveal import Viewer

Text = str | Promise


class Sight(Protocol):
    """What the reader sees of the people behind one object: see portal.access.people_seen."""

    @property
    def viewers(self) -> Sequence[Viewer]: ...
    @property
    def may_reveal(self) -> bool: ...
    @property
    def changes(self) -> bool: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def masked(self) -> bool: ...
    @property
    def seconds_left(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Refusals:
    """What people read in the place of what they may not do: write notes, see people, see raw data, refund, capture or
    cancel."""

    notes: Text
    people: Text
    raw: Text
    refund: Text = ""
    hold: Text = ""


@dataclass(frozen=True)
class Face:
    """Addresses are empty where there is no such page, or none for the reader.

    ``list_url`` is the list, below which the page stands; ``back`` is where the reader came from, and ``neighbours``
    finds what stands before and after an object there, by public ids. ``customers_url`` is where pages of customers
    are, ``refunds_url`` where those of refunds; ``refund_url`` has the form that asks for one; ``explain_url`` says
    what was posted because of the object; ``approvals_url`` is where the reader decides on what waits for approval;
    ``merchant_url`` and ``visit_url`` lead staff to the merchant.
    """

    list_url: str
    events_url: str
    reveal_url: str
    note_url: str
    back: str
    neighbours: Callable[[Any], tuple[str, str]]
    sight: Sight
    for_staff: bool
    may_write_notes: bool
    may_see_raw: bool
    refusals: Refusals
    may_end_holds: bool = False
    tags_url: str = ""
    customers_url: str = ""
    refunds_url: str = ""
    refund_url: str = ""
    explain_url: str = ""
    approvals_url: str = ""
    merchant_url: str = ""
    visit_url: str = ""
