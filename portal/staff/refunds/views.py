"""Staff ask for refunds of any merchant's payments, and somebody else approves each."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.commands.withdraw import withdraw_command
from portal.access.guards import staff_view
from portal.access.people_seen import UnseenSight
from portal.asking.refund import RefundDesk
from portal.asking.withdrawing import WITHDRAW_REFUSALS, why_not_withdrawn
from portal.staff.refunds.face import open_refund
from portal.staff.transactions.face import open_page
from portal.web.refunds.page import PAGE, SUMMARY
from portal.web.request import PersonRequest


@staff_view(P.OPS_REFUND_ASK, methods=("GET", "POST"))
def refund_new(request: PersonRequest, payment: str) -> HttpResponse:
    desk = RefundDesk(request, open_page(request, payment, sight=UnseenSight))
    if request.method == "GET":
        return desk.show()
    return desk.issue(lambda refund: f"{desk.page.face.refunds_url}{refund}/{desk.page.way_suffix}")


@staff_view(P.OPS_REFUND_ASK, methods=("GET", "POST"))
def refund_review(request: PersonRequest, payment: str) -> HttpResponse:
    return RefundDesk(request, open_page(request, payment, sight=UnseenSight)).review()


@staff_view(P.OPS_PAYMENTS_VIEW)
def refund(request: PersonRequest, payment: str, refund: str) -> HttpResponse:
    return render(request, PAGE, open_refund(request, payment, refund).context)


@staff_view(P.OPS_PAYMENTS_VIEW)
def refund_panel(request: PersonRequest, payment: str, refund: str, panel: str) -> HttpResponse:
    page = open_refund(request, payment, refund)
    if panel != SUMMARY:
        raise Http404
    if not request.htmx:
        return redirect(f"{page.url}{page.suffix}")
    return render(request, f"{PAGE}#{SUMMARY}", page.context)


@staff_view(P.OPS_REFUND_ASK, methods=("GET", "POST"))
def refund_withdraw(request: PersonRequest, payment: str, refund: str) -> HttpResponse:
    page = open_refund(request, payment, refund)
    url = f"{page.url}{page.suffix}"
    if request.method == "GET" or page.command is None:
        # Somebody signed in again on the way, or nothing was asked for here that could be withdrawn.
        return redirect(url)
    if page.command.requested_by_id != request.actor.id:
        problem = gettext(
            "Somebody else asked for it. They can withdraw it, or the merchant’s Owners, Admins and Support."
        )
        return render(request, PAGE, {**page.context, "problem": problem}, status=409)
    try:
        withdraw_command(command=page.command, by=request.actor)
    except WITHDRAW_REFUSALS as refused:
        now = open_refund(request, payment, refund)
        return render(request, PAGE, {**now.context, "problem": why_not_withdrawn(refused)}, status=409)
    messages.success(request, gettext("Withdrawn. Nothing was sent, and nothing was refunded."))
    return HttpResponse(status=303, headers={"Location": url})
