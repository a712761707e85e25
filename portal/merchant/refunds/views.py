"""Asking for refunds, and the page of each."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.commands.withdraw import withdraw_command
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.asking.refund import RefundDesk
from portal.asking.withdrawing import WITHDRAW_REFUSALS, why_not_withdrawn
from portal.merchant.lists import list_url
from portal.merchant.refunds.face import open_refund
from portal.merchant.transactions.face import open_page
from portal.web.refunds.page import PAGE, SUMMARY, RefundPage
from portal.web.refunds.receipt import RECEIPT_REFUSALS, ask_for_receipt, receipt_refusal
from portal.web.request import MerchantRequest


@merchant_view(P.REFUND_ISSUE, methods=("GET", "POST"))
def refund_new(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    desk = RefundDesk(request, open_page(request, merchant, livemode, payment))
    if request.method == "GET":
        return desk.show()
    refunds = list_url("refunds", merchant, livemode)
    return desk.issue(lambda refund: f"{refunds}{refund}/{desk.page.way_suffix}")


@merchant_view(P.REFUND_ISSUE, methods=("GET", "POST"))
def refund_review(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return RefundDesk(request, open_page(request, merchant, livemode, payment)).review()


@merchant_view(P.PAYMENTS_VIEW)
def refund(request: MerchantRequest, merchant: Merchant, livemode: bool, refund: str) -> HttpResponse:
    page = open_refund(request, merchant, livemode, refund)
    return render(request, PAGE, page.context)


@merchant_view(P.PAYMENTS_VIEW)
def refund_panel(request: MerchantRequest, merchant: Merchant, livemode: bool, refund: str, panel: str) -> HttpResponse:
    page = open_refund(request, merchant, livemode, refund)
    if panel != SUMMARY:
        raise Http404
    if not request.htmx:
        return redirect(f"{page.url}{page.suffix}")
    return render(request, f"{PAGE}#{SUMMARY}", page.context)


@merchant_view(P.REFUND_ISSUE, methods=("GET", "POST"))
def refund_withdraw(request: MerchantRequest, merchant: Merchant, livemode: bool, refund: str) -> HttpResponse:
    page = open_refund(request, merchant, livemode, refund)
    url = f"{page.url}{page.suffix}"
    if request.method == "GET":
        # Somebody signed in again on the way.
        return redirect(url)
    if page.command is not None:
        try:
            withdraw_command(command=page.command, by=request.actor)
        except WITHDRAW_REFUSALS as refused:
            now = open_refund(request, merchant, livemode, refund)
            return _as_it_is_now(request, now, why_not_withdrawn(refused))
        messages.success(request, gettext("Withdrawn. Nothing was sent, and nothing was refunded."))
    return HttpResponse(status=303, headers={"Location": url})


@merchant_view(P.REFUND_ISSUE, methods=("GET", "POST"))
def refund_receipt(request: MerchantRequest, merchant: Merchant, livemode: bool, refund: str) -> HttpResponse:
    page = open_refund(request, merchant, livemode, refund)
    url = f"{page.url}{page.suffix}"
    if request.method == "GET":
        # Somebody signed in again on the way.
        return redirect(url)
    try:
        ask_for_receipt(page.refund, request.POST.get("form_key", ""), by=request.actor)
    except RECEIPT_REFUSALS as refused:
        return _as_it_is_now(request, open_refund(request, merchant, livemode, refund), receipt_refusal(refused))
    messages.success(request, gettext("The customer is written to. This page tells when the mail went out."))
    return HttpResponse(status=303, headers={"Location": url})


def _as_it_is_now(request: MerchantRequest, page: RefundPage, problem: str) -> HttpResponse:
    return render(request, PAGE, {**page.context, "problem": problem}, status=409)
