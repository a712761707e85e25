"""The list of customers at one address, and its rows as they are written into the page."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.customers.models import Customer
from billing.customers.queries import ROW
from billing.merchants.models import Merchant
from billing.payments.spent import MOST, Spent, spent_by
from portal.access.people_seen import sees_people
from portal.merchant.customers.filters import LIST_NAMES, CustomerFilters, CustomerPanel
from portal.merchant.lists import list_url
from portal.web.json_text import hidden, redacted
from portal.web.masking import mask_email, mask_name, mask_phone
from portal.web.money_lists.listing import Words
from portal.web.money_lists.scope import MerchantScope
from portal.web.money_lists.table import ORDERS, amount_cell, badge_cell, moment_cell, shortened
from portal.web.narrowing import NarrowedPages
from portal.web.query_string import ListAddress
from portal.web.request import MerchantRequest
from portal.web.row_markup import fill_row
from portal.web.tables import ListTable, column
from reports.templatetags.money import current_locale, number

_TEXT_CELL = '<td class="cf-cut cf-muted" title="{text}">{text}</td>'
# Optional columns by the column of the database behind each.
_EXTRA = {"id": "external_id", "phone": "phone", "description": "description", "metadata": "metadata"}


class CustomerTable(ListTable):
    customer = column(_("Customer"))
    email = column(_("E-mail"), "cf-col-mail")
    payments = column(_("Payments"), "cf-col-payments cf-num")
    spent = column(_("Spent"), "cf-col-spent cf-num cf-num-money")
    id = column(_("Processor’s id"), "cf-col-text")
    phone = column(_("Phone"), "cf-col-text")
    description = column(_("Description"), "cf-col-text")
    metadata = column(_("Metadata"), "cf-col-text")
    created = column(_("Created"), "cf-col-created cf-num", sorts=True)

    orders = {"created": ORDERS["created"]}
    usual = "-created"
    optional = tuple(_EXTRA)


@dataclass(frozen=True)
class CustomerListing(NarrowedPages):
    """Queries run when something is first asked for, each at most once."""

    words = Words(
        title=_("Customers"),
        noun=ngettext_lazy("customer", "customers", "count"),
        topic="cst",
        filter_label=_("Filter customers"),
        search_for=_("Name, e-mail or id"),
        nothing_found=_("No customers match these filters"),
        nothing_yet=_("No customers yet"),
        nothing_yet_text=_(
            "Every customer that the processor keeps appears here by itself, with means of payment and what they paid."
        ),
        not_summed="",
        not_connected_text=_(
            "Customers appear here once an Owner or Admin has connected the account at the processor."
        ),
        icon="users",
        about=_("Spent is what was captured, less what went back and what disputes took."),
    )

    scope: MerchantScope
    address: ListAddress
    table: CustomerTable
    filters: CustomerFilters

    @property
    def panel(self) -> CustomerPanel:
        return CustomerPanel(self.filters)

    @property
    def queried(self) -> tuple[str, ...]:
        return (*ROW, *(_EXTRA[name] for name in self.table.chosen))

    @cached_property
    def rows(self) -> list[SafeString]:
        found = self.page.rows
        refs = [(account, external_id) for _pk, _id, external_id, _name, _email, _gone, _at, account, *_more in found]
        spent = spent_by(self.scope.merchant, self.scope.livemode, refs) if refs else {}
        return [self._row(each, spent.get(ref, Spent())) for each, ref in zip(found, refs, strict=True)]

    def _row(self, found: tuple[Any, ...], spent: Spent) -> SafeString:
        (_pk, public_id, external_id, name, email, deleted, created_at, _account, *more) = found
        texts = self._texts(more, name)
        if not self.scope.by_person:
            name, email = mask_name(name), mask_email(email)
        back = urlencode({"back": str(self.address)}, safe="/")
        cells = {
            "public_id": public_id,
            "url": f"{self.base_url}{public_id}/?{back}",
            "customer": escape(name or email or external_id),
            "badge": f" {badge_cell('customer', 'deleted', '', get_language() or '')}" if deleted else "",
            "email": escape(email) or "—",
            "payments": _payments(spent),
            "spent": _spent(spent),
            "more": "".join(_TEXT_CELL.format(text=escape(text) or "—") for text in texts),
            "created": moment_cell(created_at, self.scope.merchant.zone),
        }
        return fill_row("merchant/customers/row.html", cells)

    def _texts(self, values: list[Any], name: str) -> list[str]:
        told = zip(self.table.chosen, values, strict=True)
        return [_text_of(column, value, name, masked=not self.scope.by_person) for column, value in told]


def load_customers(
    request: MerchantRequest, merchant: Merchant, livemode: bool, *, data: QueryDict | None = None
) -> CustomerListing:
    """``data`` stands for the query string of another request for the same list."""
    scope = MerchantScope(livemode, sees_people(request), clock.now(), merchant=merchant)
    here = ListAddress(list_url("customers", merchant, livemode), request.GET if data is None else data, LIST_NAMES)
    filters = CustomerFilters(here, scope.of(Customer), scope)
    return CustomerListing(scope, here, CustomerTable(here), filters)


def _payments(spent: Spent) -> str:
    count = min(spent.payments, MOST)
    more = "" if spent.is_whole else "+"
    noun = escape(ngettext("payment", "payments", count))
    return f'{number(count)}{more}<span class="cf-sheet-only"> {noun}</span>'


def _spent(spent: Spent) -> str:
    if not spent.is_whole:
        why = gettext("More payments than are added up here.")
        return f'<span title="{escape(why)}">—</span>'
    # Where all failed or went back, the currency of most payments says so; beside others that would be noise.
    left = [each for each in spent.amounts if each[1]] or spent.amounts[:1]
    return (
        " · ".join(amount_cell(amount, currency, current_locale(), muted=not amount) for currency, amount in left)
        or "—"
    )


def _text_of(column: str, value: Any, name: str, *, masked: bool) -> str:
    if column == "metadata":
        told = redacted(value, personal=masked, names=[name])
        return shortened(" · ".join(f"{key}: {each}" for key, each in told.items()))
    if masked and column == "phone":
        return mask_phone(value)
    # Whatever merchants write about somebody tells who that is.
    return hidden() if masked and column == "description" and value else str(value)
