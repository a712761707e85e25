"""The pages of customers: the list, one customer, and their regions that refresh by themselves."""

from django.http import HttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.access.refusal import not_allowed_at
from portal.merchant.customers.listing import load_customers
from portal.merchant.customers.page import open_page
from portal.web.money_lists import answers as money_lists
from portal.web.people.answers import answer_note, answer_page, answer_panel, answer_reveal
from portal.web.request import MerchantRequest


@merchant_view(P.CUSTOMERS_VIEW)
def customers(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return money_lists.answer_list(request, load_customers(request, merchant, livemode))


@merchant_view(P.CUSTOMERS_VIEW)
def customers_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return money_lists.answer_panel(request, load_customers(request, merchant, livemode))


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
        return not_allowed_at(request, P.CUSTOMER_REVEAL, merchant)
    return answer_reveal(request, page)


@merchant_view(P.NOTES_WRITE, methods=("GET", "POST"))
def customer_note(request: MerchantRequest, merchant: Merchant, livemode: bool, customer: str) -> HttpResponse:
    return answer_note(request, open_page(request, merchant, livemode, customer))
