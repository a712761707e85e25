"""The page of one payment, and its regions that refresh by themselves."""

from django.http import HttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.transactions.face import open_page
from portal.web.payments.answers import answer_tags
from portal.web.people.answers import answer_note, answer_page, answer_panel, answer_reveal
from portal.web.request import MerchantRequest


@merchant_view(P.PAYMENTS_VIEW)
def transaction(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return answer_page(request, open_page(request, merchant, livemode, payment))


@merchant_view(P.PAYMENTS_VIEW)
def transaction_panel(
    request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str, panel: str
) -> HttpResponse:
    return answer_panel(request, open_page(request, merchant, livemode, payment), panel)


@merchant_view(P.CUSTOMER_REVEAL, methods=("POST",))
def transaction_reveal(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return answer_reveal(request, open_page(request, merchant, livemode, payment))


@merchant_view(P.NOTES_WRITE, methods=("GET", "POST"))
def transaction_note(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return answer_note(request, open_page(request, merchant, livemode, payment))


@merchant_view(P.NOTES_WRITE, methods=("GET", "POST"))
def transaction_tags(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return answer_tags(request, open_page(request, merchant, livemode, payment))
