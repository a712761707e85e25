"""The statement of one account: every posting of a period with the balance after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from html import escape
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.ledger.balances import Line, Spot, Statement, count_postings, read_statement
from billing.ledger.explain import Share
from billing.ledger.models import EntryKind
from billing.merchants.models import Merchant
from billing.payments.queries import COUNTED_EXACTLY
from billing.payouts.queries import ROW, Origin, origins_of, told_by
from portal.merchant.balance.accounts import ACCOUNTS, USUAL, label_of, places_of, sign_of, signs_in_words
from portal.merchant.balance.scope import BalanceScope, scope_of
from portal.web.counting import CountedPages
from portal.web.filter_panel import ListPanel
from portal.web.filters import PERIOD, Chip, Choice, ListFilterSet, ListForm
from portal.web.money_lists.origins import origin_cell
from portal.web.money_lists.table import Reader, amount_cell, moment_cell
from portal.web.movements import movement_words
from portal.web.pagination import Key, Order, Page, parse_cursor, take_page
from portal.web.query_string import ListAddress
from portal.web.row_markup import fill_row
from portal.web.tables import ListTable, column
from reports.templatetags.money import current_locale

Text = str | Promise
CHOSEN, PAGED = ("currency", "account", *PERIOD, "connection"), ("sort", "size", "cursor")
LIST_NAMES = (*CHOSEN, *PAGED)
_MONEY = "cf-col-figure cf-num"


class PostingTable(ListTable):
    when = column(_("Date"), "cf-col-booked", sorts=True)
    what = column(_("What"), "cf-col-posted")
    origin = column(pgettext_lazy("origin", "From"))
    amount = column(_("Amount"), _MONEY)

    orders = {"when": Order(("occurred_at", "id"), ("moment", "number"))}
    usual = "-when"


class StatementTable(PostingTable):
    balance = column(_("Balance"), _MONEY)


class StatementFilters(ListFilterSet):
    """The period. Everything else always has a value."""

    class Meta:
        form = ListForm


class StatementPanel(ListPanel[StatementFilters]):
    @property
    def chips(self) -> list[Chip]:
        return []

    @cached_property
    def sheet_chips(self) -> list[Chip]:
        return self._filters.period_chip()


@dataclass(frozen=True, slots=True)
class Look:
    """How rows of one account read: ``sign`` turns debits into more or less for the merchant (see ``accounts``)."""

    currency: str
    sign: int
    movements_url: str
    reader: Reader


@dataclass(frozen=True)
class StatementListing(CountedPages):
    """``currency`` and ``account`` (see ``accounts``) are what the address says, or the usual ones."""

    scope: BalanceScope
    address: ListAddress
    table: PostingTable
    filters: StatementFilters
    reader: Reader

    @property
    def currency(self) -> str:
        asked, known = self.address.first("currency"), self.scope.currencies
        return asked if asked in known else next(iter(known), self.scope.merchant.default_currency)

    @property
    def account(self) -> str:
        asked = self.address.first("account")
        return asked if asked in ACCOUNTS else USUAL

    @property
    def url(self) -> str:
        known = {"currency": self.currency, "account": self.account, "connection": self.scope.connection}
        vain = [name for name, value in known.items() if self.address.first(name) not in ("", value)]
        return self.address.without(vain) if vain else str(self.address)

    # --- The rows ---
    @cached_property
    def _places(self) -> list[int]:
        return places_of(self.scope.balances, self.currency, self.account) if self.is_valid else []

    @property
    def _period(self) -> dict[str, datetime | None]:
        period = self.filters.period if self.is_valid else None
        return {"since": period.since, "until": period.until} if period else {"since": None, "until": None}

    @cached_property
    def _taken(self) -> tuple[Page, Statement]:
        """The page that the address asks for, and the ends of the period as they were read with it."""
        told: list[Statement] = []

        def read(*, after: Spot | None, oldest_first: bool, limit: int) -> Sequence[Line]:
            told.append(
                read_statement(self._places, **self._period, after=after, oldest_first=oldest_first, limit=limit)
            )
            return told[-1].lines

        return self._take(read), told[-1]

    def _take(self, read: Callable[..., Sequence[Any]]) -> Page:
        """The page that the address asks for, of what ``read`` finds behind a spot, either way."""

        def fetch(after: Key | None, backward: bool, limit: int) -> list[Any]:
            spot = (after[0], after[1]) if after else None
            return list(read(after=spot, oldest_first=self.order.descending == backward, limit=limit))

        cursor = parse_cursor(self.address.first("cursor"), self.order)
        return take_page(fetch, order=self.order, cursor=cursor, size=self.size, key=self.key_of_fetched)

    @cached_property
    def page(self) -> Page:
        return self._taken[0]

    def key_of_fetched(self, row: Line | Share) -> Key:
        return row.spot

    def count_all(self) -> int:
        return count_postings(self._places, **self._period, most=COUNTED_EXACTLY + 1)

    @cached_property
    def rows(self) -> Sequence[SafeString]:
        lines: Sequence[Line | Share] = self.page.rows
        told = told_by({(line.account_id, line.source) for line in lines})
        origins = origins_of({(row[-1], row[ROW.index("source_id")]) for row in told.values()})

        def row(line: Line | Share) -> SafeString:
            movement = told.get((line.account_id, line.source))
            source = (line.account_id, movement[ROW.index("source_id")] if movement else "")
            return self.row_markup(line, movement, origins.get(source), self.look)

        return [row(line) for line in lines]

    @property
    def row_markup(self) -> Callable[..., SafeString]:
        return statement_row

    @cached_property
    def look(self) -> Look:
        return Look(self.currency, sign_of(self.account), f"{self.balance_url}movements/", self.reader)

    # --- For templates ---
    @property
    def title(self) -> Text:
        return label_of(self.account)

    @property
    def signs(self) -> Text:
        return signs_in_words(self.account)

    @property
    def opening(self) -> int:
        return sign_of(self.account) * self._taken[1].opening

    @property
    def closing(self) -> int:
        return sign_of(self.account) * self._taken[1].closing

    @property
    def change(self) -> int:
        return self.closing - self.opening

    @property
    def opens_at(self) -> datetime | None:
        return self._period["since"]

    @property
    def closes_at(self) -> datetime:
        """When the closing balance was so: now, where the period goes on."""
        until = self._period["until"]
        return min(until, self.scope.now) if until else self.scope.now

    @property
    def account_choices(self) -> list[Choice]:
        """Accounts that were ever opened, and the one that is shown."""
        opened = {balance.code for balance in self.scope.balances}
        shown = [name for name, codes in ACCOUNTS.items() if name == self.account or opened & set(codes)]
        return [Choice(name, label_of(name), name == self.account) for name in shown]

    @property
    def currency_choices(self) -> list[tuple[str, str, bool]]:
        """Each currency with the address of the same statement in it."""
        offered = self.scope.currencies or [self.currency]
        return [(each, self.address.having(currency=each), each == self.currency) for each in offered]

    @property
    def connection_choices(self) -> list[Choice]:
        asked = self.scope.connection
        return [Choice(each.value, each.label, each.value == asked) for each in self.scope.choices]

    @property
    def noun(self) -> str:
        return ngettext("posting", "postings", self.counted)

    @property
    def is_live(self) -> bool:
        return self.is_valid and self.table.is_usual and not self.is_later

    @property
    def clear_period_url(self) -> str:
        return self.address.without(PERIOD)

    @property
    def balance_url(self) -> str:
        return self.scope.page("balance")

    @property
    def explain_url(self) -> str:
        """What the change in this period is made of."""
        whole = self.address.without(["sort"])
        return whole.replace(self.base_url, self.scope.page("balance_explain"), 1)


def load_statement(merchant: Merchant, livemode: bool, query: QueryDict, *, by_person: bool) -> StatementListing:
    """``by_person``: whether the reader may know whose payments these are."""
    return StatementListing(
        *listing_parts(merchant, livemode, query, "balance_statement", LIST_NAMES, StatementTable, by_person=by_person)
    )


def listing_parts(
    merchant: Merchant,
    livemode: bool,
    query: QueryDict,
    page: str,
    names: Sequence[str],
    table: type[PostingTable],
    *,
    by_person: bool,
) -> tuple[BalanceScope, ListAddress, PostingTable, StatementFilters, Reader]:
    """What a listing of an account and period is made of, at the address of that page."""
    scope = scope_of(merchant, livemode, query.get("connection", ""))
    here = ListAddress(scope.page(page), query, names)
    filters = StatementFilters(here, None, zone=scope.zone, now=scope.now)  # type: ignore[arg-type]
    language = get_language() or ""
    reader = Reader(scope.page("transactions"), "", scope.zone, by_person, current_locale(), language)
    return scope, here, table(here), filters, reader


def statement_context(listing: StatementListing, **more: Any) -> dict[str, Any]:
    panel = StatementPanel(listing.filters)
    return {"listing": listing, "filters": panel, "form": listing.filters.form, "table": listing.table, **more}


@lru_cache(maxsize=1024)
def statement_row(line: Line, movement: tuple[Any, ...] | None, origin: Origin | None, look: Look) -> SafeString:
    balance = amount_cell(look.sign * line.balance, look.currency, look.reader.locale, code=False)
    return fill_row("merchant/balance/row.html", {**posting_cells(line, movement, origin, look), "balance": balance})


def posting_cells(
    line: Line | Share, movement: tuple[Any, ...] | None, origin: Origin | None, look: Look
) -> dict[str, str]:
    """What a row says of a posting: when, of which movement, where that came from, and how much."""
    named = dict(zip(ROW, movement, strict=True)) if movement else {}
    words = movement_words(named.get("type", "payout"), named.get("reporting_category", ""))
    what, public_id = escape(words[:1].upper() + words[1:]), named.get("public_id", "")
    description = named.get("description", "")
    text, markup = origin_cell(origin, named.get("source_id", ""), description, public_id or line.source, look.reader)
    return {
        "row_id": str(line.spot[1]),
        "when": moment_cell(line.spot[0], look.reader.zone),
        "what": f'<a href="{look.movements_url}{escape(public_id)}/">{what}</a>' if public_id else what,
        "kind": escape(words_of_kind(line.kind, line.revision)),
        "title": escape(text),
        "origin": markup,
        "amount": amount_cell(look.sign * line.amount, look.currency, look.reader.locale, code=False),
    }


def words_of_kind(kind: EntryKind, revision: int) -> str:
    """What an entry says of its movement; a later one of the same kind puts right what the first said."""
    label = str(EntryKind(kind).label).lower()
    return gettext("%(what)s, corrected") % {"what": label} if revision > 1 else label
