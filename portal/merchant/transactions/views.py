"""The pages of payments: the list, one payment, and their regions that refresh by themselves."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import PaymentRecord, load_record
from portal.access.guards import merchant_view
from portal.merchant.lists import load_list
from portal.merchant.transactions.detail import detail_context
from portal.merchant.transactions.listing import TransactionListing
from portal.web.money_lists.answers import answer_list, answer_panel, answer_totals
from portal.web.request import MerchantRequest

DETAIL = "merchant/transactions/detail.html"
DETAIL_PANELS = frozenset({"summary", "money", "timeline"})


@merchant_view(P.PAYMENTS_VIEW)
def transactions(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_list(request, load_list(TransactionListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def transactions_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_panel(request, load_list(TransactionListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def transactions_totals(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_totals(request, load_list(TransactionListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def transaction(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    context = detail_context(request, merchant, livemode, _load(merchant, livemode, payment))
    return render(request, DETAIL, context)


@merchant_view(P.PAYMENTS_VIEW)
def transaction_panel(
    request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str, panel: str
) -> HttpResponse:
    if panel not in DETAIL_PANELS:
        raise Http404
    context = detail_context(request, merchant, livemode, _load(merchant, livemode, payment))
    if not request.htmx:
        return redirect(f"{context['page_url']}#{panel}")
    return render(request, f"{DETAIL}#{panel}", context)


def _load(merchant: Merchant, livemode: bool, public_id: str) -> PaymentRecord:
    try:
        return load_record(Payment.objects.for_merchant(merchant, livemode), public_id)
    except Payment.DoesNotExist:
        raise Http404 from None
