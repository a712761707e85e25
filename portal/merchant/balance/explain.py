"""What a figure of the books is made of: its parts, and the entries behind one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from billing.ledger.balances import count_postings
from billing.ledger.explain import Figure, Part, Share, parts_of, shares_of
from billing.merchants.models import Merchant
from billing.payouts.queries import Origin
from portal.merchant.balance.statement import (
    CHOSEN,
    PAGED,
    Look,
    PostingTable,
    StatementListing,
    listing_parts,
    posting_cells,
)
from portal.web.pagination import Page
from portal.web.row_markup import fill_row

# More would take a page longer than people wait.
MOST = 100_000
OF = "of"


@dataclass(frozen=True, slots=True)
class PartRow:
    """``amount`` reads as the account's figures do: plus is more of it."""

    label: str | Promise
    count: int
    amount: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class Explanation(StatementListing):
    """The change of an account in a period, by where it came from and went; ``of`` is the part whose entries are
    listed."""

    @cached_property
    def is_too_much(self) -> bool:
        return count_postings(self._places, **self._period, most=MOST + 1) > MOST

    @property
    def figure(self) -> Figure:
        return Figure(self._places, self.currency, **self._period)

    @cached_property
    def _parts(self) -> list[Part]:
        return parts_of(self.figure) if self._places and not self.is_too_much else []

    @cached_property
    def of(self) -> Part | None:
        asked = self.address.first(OF)
        return next((part for part in self._parts if part.code == asked), None)

    @property
    def url(self) -> str:
        """A part that is not there is not asked for."""
        asked = self.address.first(OF)
        return super().url if not asked or self.of else self.address.without([OF])

    @cached_property
    def parts(self) -> list[PartRow]:
        """The largest first."""
        found = sorted(self._parts, key=lambda part: (-abs(part.amount), part.code))
        return [
            PartRow(
                part.code.label,
                part.count,
                self.look.sign * part.amount,
                self.address.having(of=part.code.value),
                part == self.of,
            )
            for part in found
        ]

    @property
    def total(self) -> int:
        return sum(row.amount for row in self.parts)

    @property
    def adds_up(self) -> bool:
        """The change was read from the account alone, the parts from the other sides of its entries."""
        return self.total == self.change

    # --- The entries of one part ---
    @cached_property
    def page(self) -> Page:
        if self.of is None:
            return Page(rows=[])
        return self._take(partial(shares_of, self.figure, self.of.code))

    def count_all(self) -> int:
        return self.of.count if self.of else 0

    @property
    def row_markup(self) -> Callable[..., SafeString]:
        return _row

    @property
    def most(self) -> int:
        """How many postings are added up at once."""
        return MOST

    @property
    def noun(self) -> str:
        return ngettext("entry", "entries", self.counted)

    @property
    def part_amount(self) -> int:
        return self.look.sign * self.of.amount if self.of else 0

    @property
    def part_label(self) -> str | Promise:
        return self.of.code.label if self.of else ""

    @property
    def whole_url(self) -> str:
        return self.address.without([OF])

    @property
    def statement_url(self) -> str:
        """The same account and period, line by line."""
        return self.whole_url.replace(self.base_url, self.scope.page("balance_statement"), 1)


def load_explanation(merchant: Merchant, livemode: bool, query: QueryDict, *, by_person: bool) -> Explanation:
    page, names, table = "balance_explain", (*CHOSEN, OF, *PAGED), PostingTable
    return Explanation(*listing_parts(merchant, livemode, query, page, names, table, by_person=by_person))


@lru_cache(maxsize=1024)
def _row(share: Share, movement: tuple[Any, ...] | None, origin: Origin | None, look: Look) -> SafeString:
    return fill_row("merchant/balance/share.html", posting_cells(share, movement, origin, look))
