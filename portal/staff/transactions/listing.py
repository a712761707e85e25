"""The payments of all merchants in one mode, at one address. Staff see people masked, so they find nobody by name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import ROW
from portal.staff.modes import is_live
from portal.web.money_lists.scope import PlatformScope
from portal.web.money_lists.table import ORDERS
from portal.web.nav import address
from portal.web.payments.filters import PaymentFilters, PaymentForm
from portal.web.payments.listing import PaymentListing
from portal.web.payments.table import OWNER, PaymentTable
from portal.web.query_string import ListAddress
from portal.web.request import PersonRequest
from portal.web.tables import Tab, column
from reports.dates import zone_of

_FIRST = ("status", "amount")


class StaffPaymentTable(PaymentTable):
    """Sorted by time alone: an order by amount over all merchants would be an index that every event pays for."""

    merchant = column(_("Merchant"), "cf-col-owner")
    orders = {"created": ORDERS["created"]}
    sequence = (*_FIRST, "merchant", *(name for name in PaymentTable.base_columns if name not in _FIRST))


class StaffPaymentForm(PaymentForm):
    def clean_merchant(self) -> Merchant | None:
        slug = self.cleaned_data["merchant"].replace("\x00", "")
        if not slug:
            return None
        found = Merchant.objects.filter(slug=slug.lower()).first()
        if found is None:
            raise forms.ValidationError(_("No merchant has this short name."))
        return found


class StaffPaymentFilters(PaymentFilters):
    merchant = django_filters.CharFilter(max_length=63, label=_("Merchant’s short name"))
    texts = ("merchant", *PaymentFilters.texts)
    attributes = {**PaymentFilters.attributes, "merchant": {"placeholder": "acme", "maxlength": "63"}}

    class Meta(PaymentFilters.Meta):
        form = StaffPaymentForm

    @classmethod
    def list_names(cls) -> tuple[str, ...]:
        return ("mode", *super().list_names())

    def parameters_of(self, name: str, value: Any) -> tuple[Any, ...] | None:
        return (value.pk,) if name == "merchant" else super().parameters_of(name, value)


@dataclass(frozen=True)
class StaffPaymentListing(PaymentListing):
    columns = (*ROW, *OWNER)
    table_type = StaffPaymentTable
    filters_type = StaffPaymentFilters
    words = replace(
        PaymentListing.words,
        search_for=_("Reference or id"),
        nothing_yet_text=_("Every payment that a processor reports for any merchant appears here by itself."),
        tabs=_("Live or test"),
        about=_("Payments of all merchants. Customers are masked."),
    )

    @property
    def tabs(self) -> Sequence[Tab]:
        """Live and test, with the same filters."""
        modes = (("live", _("Live"), True), ("test", _("Test"), False))
        return [Tab(label, self.address.having(mode=mode), live == self.scope.livemode) for mode, label, live in modes]

    @property
    def tabs_key(self) -> str:
        return self.furniture_key

    @cached_property
    def clear_url(self) -> str:
        return self.address.without(set(self.address.names) - {"mode", "sort", "size", "columns"})


def load_list(request: PersonRequest, *, data: QueryDict | None = None) -> StaffPaymentListing:
    """``data`` stands for the query string of another request for the same list."""
    asked = request.GET if data is None else data
    here = ListAddress(address("ops:transactions"), asked, StaffPaymentFilters.list_names())
    scope = PlatformScope(is_live(here.first("mode")), False, clock.now(), own_zone=zone_of(request.user.timezone))
    rows = SimpleLazyObject(lambda: scope.of(Payment))
    filters = StaffPaymentFilters(here, rows, scope)
    return StaffPaymentListing(scope, here, StaffPaymentTable(here), filters, here.path)


def listing_of(request: PersonRequest, back: str) -> StaffPaymentListing | None:
    """The list that ``back`` leads to, when it is this one and valid."""
    path, _mark, query = back.partition("?")
    if path != address("ops:transactions"):
        return None
    listing = load_list(request, data=QueryDict(query))
    return listing if listing.is_valid else None
