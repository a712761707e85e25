"""Pages of requests for approval as both faces answer them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.approvals.decide import approve, reject
from billing.approvals.models import Approval
from portal.web import list_answers
from portal.web.approvals.desk import Desk
from portal.web.approvals.forms import COMMENT_REFUSALS, DecisionForm
from portal.web.approvals.listing import ApprovalListing, list_context
from portal.web.approvals.page import DETAIL, ApprovalPage
from portal.web.approvals.words import REFUSALS, why_not
from portal.web.request import PersonRequest

LIST = "components/approvals/list.html"
Decide = Callable[..., Approval]


def answer_list(request: PersonRequest, listing: ApprovalListing) -> HttpResponse:
    return list_answers.answer_list(request, LIST, listing, list_context)


def answer_list_panel(request: PersonRequest, listing: ApprovalListing) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date."""
    return list_answers.answer_rows(request, LIST, listing, list_context)


def _load(desk: Desk, public_id: str) -> Approval:
    found = desk.approvals.select_related("merchant").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def answer_page(request: PersonRequest, desk: Desk, approval: str, form: DecisionForm) -> HttpResponse:
    return render(request, DETAIL, ApprovalPage(desk, _load(desk, approval), form=form).context)


def answer_page_panel(request: PersonRequest, desk: Desk, approval: str) -> HttpResponse:
    """What the page tells now, for one that keeps itself up to date."""
    page = ApprovalPage(desk, _load(desk, approval))
    if not request.htmx:
        return redirect(page.url)
    return render(request, f"{DETAIL}#request", {**page.context, "swapped": True})


def answer_approve(request: PersonRequest, desk: Desk, approval: str) -> HttpResponse:
    return _answer(request, desk, approval, approve, gettext("Approved. It goes on at once."))


def answer_reject(request: PersonRequest, desk: Desk, approval: str) -> HttpResponse:
    return _answer(request, desk, approval, reject, gettext("Rejected. Nothing is done."))


def _answer(request: PersonRequest, desk: Desk, public_id: str, decide: Decide, said: str) -> HttpResponse:
    """Back to the page, which tells what was decided; the page itself with the reason where nothing was."""
    approval = _load(desk, public_id)
    form = DecisionForm(request.POST)
    more: dict[str, Any] = {"form": form}
    status = 422
    if form.is_valid():
        try:
            decide(approval=approval, by=request.actor, comment=form.cleaned_data["comment"])
        except COMMENT_REFUSALS as refused:
            form.refuse(refused)
        except REFUSALS as refused:
            approval.refresh_from_db()
            more["problem"], status = why_not(refused, approval, desk.zone)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(desk.page(approval), status=303)
    return render(request, DETAIL, ApprovalPage(desk, approval, **more).context, status=status)
