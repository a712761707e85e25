"""The line above a list that says which view it shows, and leads to the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet

from billing.compiled import Compiled
from billing.merchants.models import Merchant
from portal.web.money_lists.listing import MoneyListing
from portal.web.query_string import CURSOR, PLAIN, VIEW
from portal.web.saved_views.known import Known, known_query, stored_query
from portal.web.saved_views.models import DefaultView, SavedView

if TYPE_CHECKING:
    from portal.accounts.user import User


@dataclass(frozen=True, slots=True)
class ViewLink:
    """``is_mine`` and ``is_the_teams`` say whose list opens with it, ``is_default`` that this person's does."""

    view: SavedView
    url: str
    current: bool
    may_change: bool
    is_default: bool
    is_mine: bool
    is_the_teams: bool


@dataclass(frozen=True)
class ViewsBar:
    """``may_keep`` is for those who can have views of their own, ``may_share`` for those who change the team's. Two
    queries, or one where there are no views."""

    listing: MoneyListing[Any]
    merchant: Merchant
    user: "User"
    may_keep: bool
    may_share: bool

    @cached_property
    def views(self) -> Sequence[SavedView]:
        """The person's own and the team's, by name."""
        found = _views_of(self.listing.scope.livemode)(self.merchant.pk, self.listing.name, self.user.pk)
        return sorted(found, key=lambda view: (view.name.casefold(), view.public_id))

    @cached_property
    def default(self) -> SavedView | None:
        """What the list opens with: what the person chose, before what the team did."""
        return self._chosen(self.user.pk) if self.user.pk in self._defaults else self.teams_default

    @property
    def teams_default(self) -> SavedView | None:
        return self._chosen(None)

    @cached_property
    def _defaults(self) -> dict[int | None, UUID | None]:
        """Views by who chose them, which is nobody for the team's."""
        if not self.views:
            return {}
        return dict(_defaults_of(self.listing.scope.livemode)(self.merchant.pk, self.listing.name, self.user.pk))

    def _chosen(self, by: int | None) -> SavedView | None:
        wanted = self._defaults.get(by)
        return next((view for view in self.views if view.pk == wanted), None)

    @property
    def leads_to(self) -> str:
        """Where somebody belongs who comes without naming a view; empty for whoever is there.

        Once there is a default the bare address stands for it, so that a list without one says so: every link from
        there goes on saying it.
        """
        address = self.listing.address
        if address.first(VIEW) or self.default is None:
            return ""
        if not address.params:
            return open_url(self.listing, self.default)
        return address.having(**{VIEW: PLAIN, CURSOR: address.first(CURSOR)})

    @property
    def links(self) -> list[ViewLink]:
        return [
            ViewLink(
                view,
                f"{self.views_url}{view.public_id}/",
                current=view == self.current,
                may_change=self.may_change(view),
                is_default=view == self.default,
                is_mine=view == self._chosen(self.user.pk),
                is_the_teams=view == self.teams_default,
            )
            for view in self.views
        ]

    @cached_property
    def current(self) -> SavedView | None:
        named = self.listing.address.first(VIEW)
        return next((view for view in self.views if view.public_id == named), None)

    @cached_property
    def _known(self) -> Known:
        return known_query(type(self.listing), self.current.stored if self.current else "")

    @property
    def is_modified(self) -> bool:
        return self.current is not None and stored_query(self.listing.address) != self._known.query

    @property
    def left_out(self) -> str:
        """Names in the view that the list does not know any more, or of which it does not know every value."""
        return ", ".join(self._known.left_out)

    @property
    def is_worth_keeping(self) -> bool:
        """Whether there is something to give a name to: no view, and nothing wrong."""
        return self.current is None and self.listing.is_valid and bool(stored_query(self.listing.address))

    @property
    def may_overwrite(self) -> bool:
        return self.current is not None and self.listing.is_valid and self.may_change(self.current)

    def may_change(self, view: SavedView) -> bool:
        return self.may_keep and (self.may_share or not view.is_shared)

    @property
    def views_url(self) -> str:
        return f"{self.listing.address.path}views/"

    @property
    def plain_url(self) -> str:
        return f"{self.listing.address.path}?{VIEW}={PLAIN}"

    @property
    def _asked(self) -> str:
        query = stored_query(self.listing.address)
        return f"?{query}" if query else ""

    @property
    def new_url(self) -> str:
        return f"{self.views_url}new/{self._asked}"

    @property
    def overwrite_url(self) -> str:
        return f"{self.reset_url}overwrite/{self._asked}"

    @property
    def reset_url(self) -> str:
        return f"{self.views_url}{self.current.public_id}/" if self.current else ""


@cache
def _views_of(livemode: bool) -> Compiled[SavedView]:
    """The person's own and the team's."""

    def shape(merchant: int, kind: str, user: int) -> QuerySet[Any, Any]:
        views = SavedView.objects.for_merchant(merchant, livemode).filter(kind=kind)
        return views.filter(Q(owner=user) | Q(owner=None))

    return Compiled(shape)


@cache
def _defaults_of(livemode: bool) -> Compiled[tuple[int | None, UUID | None]]:
    def shape(merchant: int, kind: str, user: int) -> QuerySet[Any, Any]:
        chosen = DefaultView.objects.for_merchant(merchant, livemode).filter(kind=kind)
        return chosen.filter(Q(user=user) | Q(user=None)).values_list("user", "view")

    return Compiled(shape)


def open_url(listing: MoneyListing[Any], view: SavedView) -> str:
    """The list as the view shows it."""
    query = known_query(type(listing), view.stored).query
    return f"{listing.address.path}?{query}{'&' if query else ''}{VIEW}={view.public_id}"
