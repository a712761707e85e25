"""Refunds of several payments at once: asking for them, and the page that tells what comes of them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from billing.access.verbs import P
from billing.commands.batch import withdraw_batch
from billing.commands.withdraw import CommandSent
from billing.merchants.models import Merchant
from billing.retry import StillLocked
from portal.access.guards import merchant_view
from portal.merchant.batches.asking import open_desk
from portal.merchant.batches.page import PAGE, SUMMARY, open_batch
from portal.web.busy import PAYMENTS_BUSY
from portal.web.request import MerchantRequest
from reports.templatetags.money import number


@merchant_view(P.REFUND_ISSUE, methods=("GET", "POST"))
def batch_new(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    desk = open_desk(request, merchant, livemode)
    if request.method == "GET":
        return desk.show()
    if "again" in request.POST:
        return desk.again()
    return desk.issue() if "confirmed" in request.POST else desk.review()


@merchant_view(P.PAYMENTS_VIEW)
def batch(request: MerchantRequest, merchant: Merchant, livemode: bool, batch: str) -> HttpResponse:
    return render(request, PAGE, open_batch(request, merchant, livemode, batch).context)


@merchant_view(P.PAYMENTS_VIEW)
def batch_panel(request: MerchantRequest, merchant: Merchant, livemode: bool, batch: str, panel: str) -> HttpResponse:
    page = open_batch(request, merchant, livemode, batch)
    if panel != SUMMARY:
        raise Http404
    return render(request, f"{PAGE}#{SUMMARY}", page.context) if request.htmx else redirect(page.url)


@merchant_view(P.REFUND_ISSUE, methods=("GET", "POST"))
def batch_withdraw(request: MerchantRequest, merchant: Merchant, livemode: bool, batch: str) -> HttpResponse:
    page = open_batch(request, merchant, livemode, batch)
    if request.method == "GET":
        # Somebody signed in again on the way.
        return redirect(page.url)
    try:
        count = withdraw_batch(batch=page.batch, by=request.actor)
    except CommandSent:
        problem = gettext("All of it went out or ended before it could be withdrawn. What came of it stands here.")
    except StillLocked:
        problem = str(PAYMENTS_BUSY)
    else:
        text = ngettext("Withdrawn: %(n)s refund was not sent.", "Withdrawn: %(n)s refunds were not sent.", count) % {
            "n": number(count)
        }
        messages.success(request, text)
        return HttpResponse(status=303, headers={"Location": page.url})
    now = open_batch(request, merchant, livemode, batch)
    return render(request, PAGE, {**now.context, "problem": problem}, status=409)
