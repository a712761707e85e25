"""Capturing what is authorised, cancelling it, and taking back what was asked for. What comes of it stands on the
payment's page: the processor makes nothing of its own of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.commands.withdraw import withdraw_command
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.asking.desk import Desk
from portal.asking.withdrawing import WITHDRAW_REFUSALS, why_not_withdrawn
from portal.merchant.holds.asking import CancelDesk, CaptureDesk
from portal.merchant.transactions.face import open_page
from portal.web.payments.page import DETAIL
from portal.web.request import MerchantRequest


@merchant_view(P.HOLD_END, methods=("GET", "POST"))
def capture_new(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return _ask(CaptureDesk(request, open_page(request, merchant, livemode, payment)))


@merchant_view(P.HOLD_END, methods=("GET", "POST"))
def capture_review(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return CaptureDesk(request, open_page(request, merchant, livemode, payment)).review()


@merchant_view(P.HOLD_END, methods=("GET", "POST"))
def cancel_new(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return _ask(CancelDesk(request, open_page(request, merchant, livemode, payment)))


@merchant_view(P.HOLD_END, methods=("GET", "POST"))
def cancel_review(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    return CancelDesk(request, open_page(request, merchant, livemode, payment)).review()


@merchant_view(P.HOLD_END, methods=("GET", "POST"))
def hold_withdraw(
    request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str, hold: str
) -> HttpResponse:
    page = open_page(request, merchant, livemode, payment)
    found = next((each for each in page.follow_ups.holds if each.public_id == hold), None)
    if found is None:
        raise Http404
    url = f"{page.url}{page.suffix}"
    if request.method == "GET":
        # Somebody signed in again on the way.
        return redirect(url)
    try:
        withdraw_command(command=found, by=request.actor)
    except WITHDRAW_REFUSALS as refused:
        now = open_page(request, merchant, livemode, payment)
        return render(request, DETAIL, {**now.context, "problem": why_not_withdrawn(refused)}, status=409)
    messages.success(request, gettext("Withdrawn. Nothing was sent, and the amount stays authorised."))
    return HttpResponse(status=303, headers={"Location": url})


def _ask(desk: Desk[Any, Any]) -> HttpResponse:
    page = desk.page
    return desk.show() if desk.request.method == "GET" else desk.issue(lambda asked: f"{page.url}{page.way_suffix}")
