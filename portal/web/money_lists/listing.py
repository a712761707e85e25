"""A list of money objects at one address: what is filtered, which page, how many in all."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Expression, F, QuerySet
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.compiled import CompiledShapes
from billing.payments.queries import capped
from billing.totals import Totals, totals_of
from portal.web.filters import PERIOD
from portal.web.money_lists.filters import Asked, MoneyFilters
from portal.web.money_lists.kept import KeptParts
from portal.web.money_lists.panel import MoneyPanel
from portal.web.money_lists.scope import Scope
from portal.web.money_lists.table import Reader, amount_cell
from portal.web.narrowing import NarrowedPages
from portal.web.pagination import Fetch, Key, ordered
from portal.web.query_string import VIEW, ListAddress
from portal.web.tables import ListTable, Tab
from reports.templatetags.money import current_locale

Text = str | Promise
Filters = TypeVar("Filters", bound=MoneyFilters)
TABS: dict[str, Text] = {
    "transactions": _("Payments"),
    "refunds": _("Refunds"),
    "disputes": _("Disputes"),
    "activity": _("All activity"),
}
_QUERIES = CompiledShapes(most=256)
_BESIDE = _("Payments and what follows them")
# In an address, but nothing that totals depend on.
_NOT_SUMMED_BY = ("columns", "totals", "sort", "size", VIEW)
# What means the same in every tab stays when one goes to another.
KEPT_BETWEEN_TABS = (*PERIOD, "currency")


@dataclass(frozen=True, slots=True)
class Words:
    """What a list says of itself. ``noun`` is ngettext_lazy's, by the number ``count``; ``topic`` is the kind of change
    that it listens to, ``not_summed`` what its totals leave out, ``tabs`` names what stands beside it, and ``about`` is
    a sentence below the title."""

    title: Text
    noun: Any
    topic: str
    filter_label: Text
    search_for: Text
    nothing_found: Text
    nothing_yet: Text
    nothing_yet_text: Text
    not_connected_text: Text
    not_summed: Text
    icon: str = "credit-card"
    tabs: Text = _BESIDE
    about: Text = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """A column of the totals: what is added up over the rows, in minor units of each one's currency."""

    label: Text
    of: Expression | F


@dataclass(frozen=True, slots=True)
class TotalLine:
    """``amounts`` are labels with markup."""

    currency: str
    rows: int
    amounts: Sequence[tuple[Text, SafeString]]


@dataclass(frozen=True)
class MoneyListing(NarrowedPages, Generic[Filters]):
    """Queries run when something is first asked for, each at most once.

    A subclass says what it lists: ``name`` is its place beside the other lists, ``columns`` are those of a row's tuple,
    among them all that the list is sorted by.
    """

    name: ClassVar[str]
    model: ClassVar[Any]
    columns: ClassVar[tuple[str, ...]]
    table_type: ClassVar[type[ListTable]]
    filters_type: ClassVar[type[MoneyFilters]]
    sums: ClassVar[Mapping[str, Sum]]
    words: ClassVar[Words]
    # Whether rows have boxes to tick: see templates/components/money_lists/selection.html.
    ticks: ClassVar[bool] = False

    scope: Scope
    address: ListAddress
    table: ListTable
    filters: Filters
    payments_url: str

    @property
    def above(self) -> str:
        """The template of what stands above the rows; empty where nothing does."""
        return ""

    @property
    def panel(self) -> MoneyPanel:
        return MoneyPanel(self.filters)

    @property
    def queried(self) -> tuple[str, ...]:
        return self.columns

    @cached_property
    def _asked(self) -> Asked | None:
        """The query for all rows of the list, where it can be compiled before its parameters are known."""
        asked = self.filters.asked() if self.is_valid else None
        if asked is None:
            return None
        shape = (type(self.scope), self.scope.livemode, type(self.filters), *asked.shape)
        return Asked(shape, (*self.scope.values, *asked.values))

    @property
    def fetch(self) -> Fetch:
        asked = self._asked
        if asked is None:
            return super().fetch

        def fetch(after: Key | None, backward: bool, limit: int) -> list[Any]:
            def query() -> QuerySet[Any, Any]:
                rows = self.filters.qs.values_list(*self.queried)
                return ordered(rows, self.order, after=after, backward=backward)[:limit]

            shape = (*asked.shape, self.order, self.queried, after is not None, backward, limit)
            return _QUERIES.rows(shape, (*asked.values, *(after or ())), query)

        return fetch

    def count_all(self) -> int:
        asked = self._asked
        if asked is None:
            return super().count_all()
        return _QUERIES.count((*asked.shape, "count"), asked.values, lambda: capped(self.filters.qs))

    @cached_property
    def rows(self) -> list[SafeString]:
        # A hundred addresses with all filters are more than a page should weigh: see portal.access.way_back.
        back = urlencode({"back": self.address.path}, safe="/")
        reader = Reader(
            *(self.payments_url, f"?{back}", self.scope.zone, self.scope.by_person),
            *(current_locale(), get_language() or ""),
        )
        return self.make_rows(self.page.rows, reader)

    @abstractmethod
    def make_rows(self, found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
        """Markup of rows; ``found`` are tuples of ``columns``."""

    @cached_property
    def totals(self) -> Totals:
        """Of the whole result, not of the page."""
        return totals_of(self.filters.qs, {name: each.of for name, each in self.sums.items()})

    @property
    def sum_columns(self) -> Sequence[Sum]:
        return list(self.sums.values())

    @property
    def total_lines(self) -> list[TotalLine]:
        locale = current_locale()
        return [
            TotalLine(
                line.currency,
                line.rows,
                [
                    (each.label, amount_cell(amount, line.currency, locale, code=False))
                    for each, amount in zip(self.sums.values(), line.sums, strict=True)
                ],
            )
            for line in self.totals.lines
        ]

    @property
    def totals_url(self) -> str:
        """Where the totals alone come from; how the list is sorted and shown makes no difference to them."""
        path = self.address.path
        return f"{path}_/totals/{self.address.without(_NOT_SUMMED_BY).removeprefix(path)}"

    @property
    def totals_page_url(self) -> str:
        """The whole page with its totals, for those without scripts."""
        return f"{self.address.having(totals='shown')}#totals"

    @property
    def shows_totals(self) -> bool:
        return self.address.first("totals") == "shown"

    @property
    def by_amount(self) -> bool:
        return self.table.sort.endswith("amount")

    @property
    def tabs(self) -> Sequence[Tab]:
        """The lists of one merchant beside each other; the period and the currency go along."""
        root = self.payments_url.removesuffix("transactions/")
        return [Tab(label, f"{root}{name}/{self._kept}", name == self.name) for name, label in TABS.items()]

    @property
    def tabs_key(self) -> str:
        """All that the tabs depend on."""
        return f"{get_language()} {self.address.path} {self._kept}"

    @property
    def _kept(self) -> str:
        kept = {name: self.address.params[name] for name in KEPT_BETWEEN_TABS if name in self.address.params}
        return f"?{urlencode(kept, doseq=True)}" if kept else ""


def list_context(listing: NarrowedPages, **more: Any) -> dict[str, Any]:
    context = {
        "listing": listing,
        "words": listing.words,
        "filters": listing.panel,
        "form": listing.filters.form,
        "table": listing.table,
        **more,
    }
    return {**context, "kept": KeptParts(context)}
