"""Filters of the customers list, as they stand in its address, and what they look like."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.customers.models import Customer
from billing.customers.queries import search
from billing.payments.models import Payment
from disputes.chargebacks.models import UNDECIDED, Dispute
from portal.web.filters import PERIOD, AnyOf, Told
from portal.web.money_lists.filters import ScopedFilters
from portal.web.money_lists.panel import ScopedPanel
from reports.status import STATUSES

STATUS = [(value, each.label) for value, each in STATUSES["customer"].items()]
PAID = {"yes": _("at least one"), "no": _("none")}
DISPUTED = {"yes": _("ever"), "open": _("open now"), "no": _("never")}
LIST_NAMES = ("q", "status", *PERIOD, "paid", "disputed", "connection", "columns", "sort", "size", "cursor")


class CustomerFilters(ScopedFilters):
    selects = ("paid", "disputed")

    q = Told(max_length=255, label=_("Search"))
    status = AnyOf(choices=STATUS, method="of_status", label=_("Status"))
    paid = django_filters.ChoiceFilter(choices=list(PAID.items()), method="of_payments", label=_("Payments"))
    disputed = django_filters.ChoiceFilter(choices=list(DISPUTED.items()), method="of_disputes", label=_("Disputed"))

    class Meta(ScopedFilters.Meta):
        model = Customer

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


class CustomerPanel(ScopedPanel[CustomerFilters]):
    @property
    def search_hint(self) -> str:
        return gettext("An id, an e-mail address, or how a name begins") if self.scope.by_person else gettext("An id")
