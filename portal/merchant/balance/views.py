"""What a merchant has at its processors, and the statement behind every figure of it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.access.people_seen import sees_people
from portal.merchant.balance.explain import load_explanation
from portal.merchant.balance.movement import load_movement
from portal.merchant.balance.of_payment import load_payment
from portal.merchant.balance.page import BalancePage
from portal.merchant.balance.scope import scope_of
from portal.merchant.balance.statement import load_statement, statement_context
from portal.web.list_answers import answer_list, answer_rows
from portal.web.request import MerchantRequest

PAGE = "merchant/balance/balance.html"
STATEMENT = "merchant/balance/statement.html"
EXPLAIN = "merchant/balance/explain.html"


@merchant_view(P.BALANCE_VIEW)
def balance(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    page = _page(request, merchant, livemode)
    if request.get_full_path() != page.url:
        return redirect(page.url)
    return render(request, PAGE, {"page": page})


@merchant_view(P.BALANCE_VIEW)
def balance_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    """The cards alone, for a page that keeps itself up to date."""
    page = _page(request, merchant, livemode)
    if not request.htmx:
        return redirect(f"{page.url}#balances")
    return render(request, f"{PAGE}#live", {"page": page, "swapped": True})


@merchant_view(P.BALANCE_VIEW)
def balance_statement(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    listing = load_statement(merchant, livemode, request.GET, by_person=sees_people(request))
    return answer_list(request, STATEMENT, listing, statement_context)


@merchant_view(P.BALANCE_VIEW)
def balance_statement_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    """The lines alone, for a statement that keeps itself up to date."""
    listing = load_statement(merchant, livemode, request.GET, by_person=sees_people(request))
    return answer_rows(request, STATEMENT, listing, statement_context)


@merchant_view(P.BALANCE_VIEW)
def balance_explain(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    listing = load_explanation(merchant, livemode, request.GET, by_person=sees_people(request))
    return answer_list(request, EXPLAIN, listing, statement_context)


@merchant_view(P.BALANCE_VIEW)
def balance_movement(request: MerchantRequest, merchant: Merchant, livemode: bool, movement: str) -> HttpResponse:
    page = load_movement(merchant, livemode, movement, request.can, by_person=sees_people(request))
    return render(request, "merchant/balance/movement.html", {"page": page, "movement": page.movement})


@merchant_view(P.BALANCE_VIEW)
def balance_payment(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    page = load_payment(merchant, livemode, payment)
    return render(request, "merchant/balance/payment.html", {"page": page, "payment": page.payment})


def _page(request: MerchantRequest, merchant: Merchant, livemode: bool) -> BalancePage:
    return BalancePage(scope_of(merchant, livemode, request.GET.get("connection", "")), request.can)
