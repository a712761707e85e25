"""Twenty-five payments a page, as the documentation of django-tables2 and django-filter has it, and a search by
``icontains`` over what people know of a payment."""

from typing import Any

import django_filters
import django_tables2
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django_filters.views import FilterView

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from portal.access.guards import merchant_view


class PaymentTable(django_tables2.Table):
    class Meta:
        model = Payment
        fields = (
            "status",
            "amount",
            "currency",
            "customer_email",
            "reference",
            "brand",
            "last4",
            "risk_score",
            "created_at",
        )
        order_by = "-created_at"


class PaymentFilter(django_filters.FilterSet):
    class Meta:
        model = Payment
        fields = {
            "status": ["exact"],
            "created_at": ["gte", "lte"],
            "amount": ["gte", "lte"],
            "customer_email": ["icontains"],
            "last4": ["exact"],
        }


class StockList(LoginRequiredMixin, django_tables2.SingleTableMixin, FilterView):
    table_class = PaymentTable
    filterset_class = PaymentFilter
    template_name = "stock.html"
    paginate_by = 25

    def get_queryset(self) -> QuerySet[Payment]:
        merchant = get_object_or_404(Merchant, slug=self.kwargs["merchant"], memberships__user=self.request.user)
        return Payment.objects.filter(merchant=merchant, livemode=self.kwargs["mode"] == "live")


@merchant_view(P.PAYMENTS_VIEW)
def bare(request: HttpRequest, merchant: Merchant, livemode: bool, **_: Any) -> HttpResponse:
    """What every page of a member costs: session, person, second factor, membership; and one line of text."""
    return HttpResponse(f"{request.user.email} of {merchant.name}")


SEARCHED = ("public_id", "external_id", "external_charge_id", "reference", "customer_name", "customer_email", "last4")


@merchant_view(P.PAYMENTS_VIEW)
def search(request: HttpRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    """The five newest payments in any of whose columns the text stands."""
    text = Q()
    for name in SEARCHED:
        text |= Q(**{f"{name}__icontains": request.GET["q"]})
    found = Payment.objects.filter(text, merchant=merchant, livemode=livemode)
    return render(request, "search.html", {"payments": found.order_by("-created_at")[:5]})
