"""The pages of customers: the list, one customer, and their regions that refresh by themselves."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.access.refusal import not_allowed
from portal.merchant.customers.listing import list_context, load_customers
from portal.merchant.customers.page import open_page
from portal.web.people.answers import answer_note, answer_page, answer_panel, answer_reveal
from portal.web.request import MerchantRequest

LIST = "merchant/customers/list.html"


@merchant_view(P.CUSTOMERS_VIEW)
def customers(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    listing = load_customers(request, merchant, livemode)
    part = request.htmx.target if request.htmx and not request.htmx.history_restore_request else ""
    if part == "filter-count":
        return render(request, "components/money_lists/filters.html#count", list_context(listing))
    if part == "results":
        status = 200 if listing.is_valid else 422
        response = render(request, f"{LIST}#swap", list_context(listing, swapped=True), status=status)
        response["HX-Push-Url"] = str(listing.address)
        return response
    if not listing.address.is_tidy:
        return redirect(str(listing.address))
    return render(request, LIST, list_context(listing))


@merchant_view(P.CUSTOMERS_VIEW)
def customers_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date."""
    listing = load_customers(request, merchant, livemode)
    if not request.htmx:
        return redirect(f"{listing.address}#results")
    return render(request, f"{LIST}#live", list_context(listing, swapped=True))


@merchant_view(P.CUSTOMERS_VIEW)
def customer(request: MerchantRequest, merchant: Merchant, livemode: bool, customer: str) -> HttpResponse:
    return answer_page(request, open_page(request, merchant, livemode, customer))


@merchant_view(P.CUSTOMERS_VIEW)
def customer_panel(
    request: MerchantRequest, merchant: Merchant, livemode: bool, customer: str, panel: str
) -> HttpResponse:
    return answer_panel(request, open_page(request, merchant, livemode, customer), panel)


# Who does not see customers has nothing to reveal here, so the guard asks for that verb, and the view for the other.
@merchant_view(P.CUSTOMERS_VIEW, methods=("POST",))
def customer_reveal(request: MerchantRequest, merchant: Merchant, livemode: bool, customer: str) -> HttpResponse:
    page = open_page(request, merchant, livemode, customer)
    if not page.sight.may_reveal:
        return not_allowed(request, P.CUSTOMER_REVEAL, granted_by=f"an Owner or Admin of {merchant.name}")
    return answer_reveal(request, page)


@merchant_view(P.NOTES_WRITE, methods=("GET", "POST"))
def customer_note(request: MerchantRequest, merchant: Merchant, livemode: bool, customer: str) -> HttpResponse:
    return answer_note(request, open_page(request, merchant, livemode, customer))
