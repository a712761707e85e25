"""Filters of the customers list, as they stand in its address, and what they look like."""

from functools import cached_property
from typing import Any, Self

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.customers.models import Customer
from billing.customers.queries import search
from billing.payments.models import Payment
from disputes.chargebacks.models import UNDECIDED, Dispute
from portal.web.filter_panel import ListPanel
from portal.web.filters import PERIOD, AnyOf, Chip, Choice, ListFilterSet, ListForm, Told
from portal.web.money_lists.panel import Choices, connection_label
from portal.web.money_lists.scope import MerchantScope
from portal.web.query_string import ListAddress
from reports.status import STATUSES

STATUS = [(value, each.label) for value, each in STATUSES["customer"].items()]
PAID = {"yes": _("at least one"), "no": _("none")}
DISPUTED = {"yes": _("ever"), "open": _("open now"), "no": _("never")}
LIST_NAMES = ("q", "status", *PERIOD, "paid", "disputed", "connection", "columns", "sort", "size", "cursor")
_SELECTS = ("paid", "disputed")


class CustomerFilters(ListFilterSet):
    q = Told(max_length=255, label=_("Search"))
    status = AnyOf(choices=STATUS, method="of_status", label=_("Status"))
    paid = django_filters.ChoiceFilter(choices=list(PAID.items()), method="of_payments", label=_("Payments"))
    disputed = django_filters.ChoiceFilter(choices=list(DISPUTED.items()), method="of_disputes", label=_("Disputed"))
    connection = django_filters.CharFilter(field_name="account__public_id", max_length=40, label=_("Connection"))

    class Meta:
        model = Customer
        fields: list[str] = []
        form = ListForm

    def __init__(self, address: ListAddress, queryset: Any, scope: MerchantScope) -> None:
        super().__init__(address, queryset, zone=scope.zone, now=scope.now)
        self.scope = scope

    def at(self, address: ListAddress) -> Self:
        """The same list at another address."""
        return type(self)(address, self.queryset, self.scope)

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        text = self.form.cleaned_data["q"]
        if not text:
            return queryset
        return search(queryset, text, accounts=self.scope.account_ids, by_person=self.scope.by_person)

    def of_status(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.filter(deleted__in=[each == "deleted" for each in value]) if value else queryset

    def of_payments(self, queryset: Any, name: str, value: str) -> Any:
        payments = self.scope.of(Payment)
        # The first condition is the partial index's own.
        own = payments.filter(
            ~Q(customer_external_id=""), customer_external_id=OuterRef("external_id"), account=OuterRef("account")
        )
        return queryset.filter(Exists(own) if value == "yes" else ~Exists(own))

    def of_disputes(self, queryset: Any, name: str, value: str) -> Any:
        disputes = self.scope.of(Dispute)
        if value == "open":
            disputes = disputes.filter(provider_status__in=UNDECIDED)
        own = disputes.filter(payment__customer_external_id=OuterRef("external_id"), account=OuterRef("account"))
        return queryset.filter(~Exists(own) if value == "no" else Exists(own))


class CustomerPanel(ListPanel[CustomerFilters]):
    more = (*_SELECTS, "connection")

    def __init__(self, filters: CustomerFilters) -> None:
        super().__init__(filters)
        self.scope, self.accounts = filters.scope, filters.scope.accounts
        self.zone_name = str(filters.zone)

    @property
    def fields(self) -> SafeString:
        """The drop-downs as markup."""
        context = {"filters": self, "form": self._filters.form, "zone_name": self.zone_name}
        return render_to_string("components/money_lists/fields.html", context)

    @property
    def search_hint(self) -> str:
        if self._filters.scope.by_person:
            return gettext("An id, an e-mail address, or how a name begins")
        return gettext("An id")

    @cached_property
    def status_choices(self) -> list[Choice]:
        return self._filters.choices("status")

    @cached_property
    def status_labels(self) -> list[str | Promise]:
        return [choice.label for choice in self.status_choices if choice.chosen]

    @property
    def select_filters(self) -> list[Choices]:
        found = [Choices(name, self._filters.filters[name].label, self._filters.choices(name)) for name in _SELECTS]
        chosen = self._filters.value("connection")
        if len(self.accounts) > 1 or chosen:
            offered = [Choice(value, label, value == chosen) for value, label in self._connections.items()]
            found.append(Choices("connection", _("Connection"), offered))
        return found

    @cached_property
    def chips(self) -> list[Chip]:
        found = [chip for name in _SELECTS for chip in self._chips_of(name)]
        return found + self._filters.chips_of("connection", _("Connection"), self._connections)

    @cached_property
    def sheet_chips(self) -> list[Chip]:
        return self._chips_of("status") + self._filters.period_chip()

    def _chips_of(self, name: str) -> list[Chip]:
        each = self._filters.filters[name]
        return self._filters.chips_of(name, each.label, dict(each.extra["choices"]))

    @cached_property
    def _connections(self) -> dict[str, str | Promise]:
        return {account.public_id: connection_label(account) for account in self.accounts}
