"""What merchants' people and other staff asked for: the Risk leads and Finance ops can be the second person."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse

from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.commands.models import CommandKind
from portal.access.draft import kept_fields
from portal.access.guards import staff_view
from portal.web.approvals import answers
from portal.web.approvals.desk import Desk
from portal.web.approvals.listing import load_listing
from portal.web.approvals.page import kept_form
from portal.web.approvals.subjects import Subject
from portal.web.nav import address
from portal.web.request import PersonRequest


@staff_view(P.OPS_APPROVALS_DECIDE)
def approvals(request: PersonRequest) -> HttpResponse:
    return answers.answer_list(request, load_listing(_desk(request), request.GET))


@staff_view(P.OPS_APPROVALS_DECIDE)
def approvals_panel(request: PersonRequest) -> HttpResponse:
    return answers.answer_list_panel(request, load_listing(_desk(request), request.GET))


@staff_view(P.OPS_APPROVALS_DECIDE)
def approval(request: PersonRequest, approval: str) -> HttpResponse:
    return _page(request, _desk(request), approval)


@staff_view(P.OPS_APPROVALS_DECIDE)
def approval_panel(request: PersonRequest, approval: str) -> HttpResponse:
    return answers.answer_page_panel(request, _desk(request), approval)


@staff_view(P.OPS_APPROVALS_DECIDE, methods=("GET", "POST"), step_up=True)
def approval_approve(request: PersonRequest, approval: str) -> HttpResponse:
    desk = _desk(request)
    if request.method == "GET":
        # Somebody proved who they are on the way.
        return _page(request, desk, approval)
    return answers.answer_approve(request, desk, approval)


@staff_view(P.OPS_APPROVALS_DECIDE, methods=("GET", "POST"), step_up=True)
def approval_reject(request: PersonRequest, approval: str) -> HttpResponse:
    desk = _desk(request)
    if request.method == "GET":
        # Somebody proved who they are on the way.
        return _page(request, desk, approval)
    return answers.answer_reject(request, desk, approval)


def _page(request: PersonRequest, desk: Desk, approval: str) -> HttpResponse:
    return answers.answer_page(request, desk, approval, kept_form(kept_fields(request)))


def _desk(request: PersonRequest) -> Desk:
    sees_payments = request.can(P.OPS_PAYMENTS_VIEW)

    def request_page(asked: Approval, subject: Subject) -> str:
        # Pages of several refunds and of limits are the merchant's own.
        if subject.command is None or asked.kind != CommandKind.REFUND or not sees_payments:
            return ""
        payment = subject.command.payment.public_id
        return address("ops:refund", {"payment": payment, "refund": asked.object_id})

    return Desk(
        approvals=Approval.objects.all(),
        actor=request.actor,
        list_url=address("ops:approvals"),
        # Staff read pages of all merchants in a zone of their own.
        zone=ZoneInfo(request.user.timezone or "UTC"),
        by_person=False,
        for_staff=True,
        payment_page=lambda asked, payment: address("ops:transaction", {"payment": payment}) if sees_payments else "",
        request_page=request_page,
    )
