"""The pages of payments: the list, one payment, and their regions that refresh by themselves."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import PaymentRecord, load_record
from portal.access.guards import merchant_view
from portal.merchant.transactions.detail import detail_context
from portal.merchant.transactions.listing import list_context, load_listing
from portal.web.request import MerchantRequest

LIST = "merchant/transactions/list.html"
DETAIL = "merchant/transactions/detail.html"
DETAIL_PANELS = frozenset({"summary", "money", "timeline"})


@merchant_view(P.PAYMENTS_VIEW)
def transactions(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    listing = load_listing(request, merchant, livemode)
    part = request.htmx.target if request.htmx and not request.htmx.history_restore_request else ""
    if part == "filter-count":
        return render(request, "merchant/transactions/filters.html#count", list_context(listing))
    if part == "results":
        response = render(
            request, f"{LIST}#swap", list_context(listing, swapped=True), status=200 if listing.is_valid else 422
        )
        response["HX-Push-Url"] = str(listing.address)
        return response
    if not listing.address.is_tidy:
        return redirect(str(listing.address))
    return render(request, LIST, list_context(listing))


@merchant_view(P.PAYMENTS_VIEW)
def transactions_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date: nothing outside of them moves."""
    listing = load_listing(request, merchant, livemode)
    if not request.htmx:
        return redirect(f"{listing.address}#results")
    return render(request, f"{LIST}#live", list_context(listing, swapped=True))


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
