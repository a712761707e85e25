"""What somebody of a merchant asked for, and somebody else has to decide."""

from django.http import HttpResponse

from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.merchants.models import Merchant
from portal.access.draft import kept_fields
from portal.access.guards import merchant_view
from portal.access.people_seen import sees_people
from portal.merchant.limits.page import limits_query
from portal.web.approvals import answers
from portal.web.approvals.desk import Desk
from portal.web.approvals.listing import load_listing
from portal.web.approvals.page import kept_form
from portal.web.approvals.subjects import REFUND_BATCH, Subject
from portal.web.nav import address
from portal.web.request import MerchantRequest


@merchant_view(P.APPROVALS_DECIDE)
def approvals(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answers.answer_list(request, load_listing(_desk(request, merchant, livemode), request.GET))


@merchant_view(P.APPROVALS_DECIDE)
def approvals_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answers.answer_list_panel(request, load_listing(_desk(request, merchant, livemode), request.GET))


@merchant_view(P.APPROVALS_DECIDE)
def approval(request: MerchantRequest, merchant: Merchant, livemode: bool, approval: str) -> HttpResponse:
    return _page(request, _desk(request, merchant, livemode), approval)


@merchant_view(P.APPROVALS_DECIDE)
def approval_panel(request: MerchantRequest, merchant: Merchant, livemode: bool, approval: str) -> HttpResponse:
    return answers.answer_page_panel(request, _desk(request, merchant, livemode), approval)


@merchant_view(P.APPROVALS_DECIDE, methods=("GET", "POST"), step_up=True)
def approval_approve(request: MerchantRequest, merchant: Merchant, livemode: bool, approval: str) -> HttpResponse:
    desk = _desk(request, merchant, livemode)
    if request.method == "GET":
        # Somebody proved who they are on the way.
        return _page(request, desk, approval)
    return answers.answer_approve(request, desk, approval)


@merchant_view(P.APPROVALS_DECIDE, methods=("GET", "POST"), step_up=True)
def approval_reject(request: MerchantRequest, merchant: Merchant, livemode: bool, approval: str) -> HttpResponse:
    desk = _desk(request, merchant, livemode)
    if request.method == "GET":
        # Somebody proved who they are on the way.
        return _page(request, desk, approval)
    return answers.answer_reject(request, desk, approval)


def _page(request: MerchantRequest, desk: Desk, approval: str) -> HttpResponse:
    return answers.answer_page(request, desk, approval, kept_form(kept_fields(request)))


def _desk(request: MerchantRequest, merchant: Merchant, livemode: bool) -> Desk:
    where = {"merchant": merchant.slug, "mode": "live" if livemode else "test"}

    def request_page(asked: Approval, subject: Subject) -> str:
        if (change := subject.change) is not None:
            query = limits_query(merchant, change.action, change.currency)
            return f"{address('merchant:limits', where)}{query}" if request.can(P.LIMITS_CHANGE) else ""
        if asked.kind == REFUND_BATCH:
            return address("merchant:batch", {**where, "batch": asked.object_id})
        # Of what else was asked for, the payment's page tells.
        return address("merchant:refund", {**where, "refund": asked.object_id}) if asked.kind == "refund" else ""

    return Desk(
        approvals=Approval.objects.for_merchant(merchant, livemode),
        actor=request.actor,
        list_url=address("merchant:approvals", where),
        zone=merchant.zone,
        by_person=sees_people(request),
        for_staff=False,
        payment_page=lambda asked, payment: address("merchant:transaction", {**where, "payment": payment}),
        request_page=request_page,
    )
