"""How much each role may refund, capture and cancel alone, and asking for another limit."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.limits.change import ChangeEnded, OthersChange, ask_for_limit, withdraw_limit
from billing.limits.models import LimitChange
from billing.merchants.models import Merchant
from billing.retry import StillLocked
from portal.access.draft import kept_fields
from portal.access.guards import merchant_view
from portal.access.posted import posted
from portal.merchant.limits.forms import REFUSALS, LimitForm
from portal.merchant.limits.page import LimitsPage
from portal.web.busy import LIMIT_BUSY
from portal.web.request import MerchantRequest

LIST, CHANGE = "merchant/limits/list.html", "merchant/limits/change.html"


@merchant_view(P.LIMITS_CHANGE)
def limits(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return render(request, LIST, LimitsPage(merchant, livemode, request.GET, request.actor).context)


@merchant_view(P.LIMITS_CHANGE, methods=("GET", "POST"), step_up=True)
def limit_change(request: MerchantRequest, merchant: Merchant, livemode: bool, role: str) -> HttpResponse:
    if role not in MerchantRole:
        raise Http404
    page = LimitsPage(merchant, livemode, request.GET, request.actor)
    held = page.held(MerchantRole(role))
    form = LimitForm(
        posted(request), limited=page.action, currency=page.currency, held=held.limit, kept=kept_fields(request)
    )
    asked = _asked(request, form, page, held.role) if form.is_valid() else None
    if asked is not None:
        messages.success(request, gettext("Asked for. It holds once somebody else has approved it."))
        return HttpResponseRedirect(page.here, status=303)
    context = {"page": page, "form": form, "name": page.called(held.role), "now": page.now(held)}
    return render(request, CHANGE, context, status=422 if form.errors else 200)


@merchant_view(P.LIMITS_CHANGE, methods=("GET", "POST"))
def limit_withdraw(request: MerchantRequest, merchant: Merchant, livemode: bool, change: str) -> HttpResponse:
    found = LimitChange.objects.for_merchant(merchant, livemode).filter(public_id=change).first()
    if found is None:
        raise Http404
    page = LimitsPage(merchant, livemode, request.GET, request.actor)
    if request.method == "GET":
        # Somebody signed in again on the way.
        return redirect(page.here)
    try:
        withdraw_limit(change=found, by=request.actor)
    except OthersChange:
        problem = gettext("Somebody else asked for this limit. Reject it instead.")
    except ChangeEnded:
        problem = gettext("It was decided before it could be withdrawn.")
    except StillLocked:
        problem = str(LIMIT_BUSY)
    else:
        messages.success(request, gettext("Withdrawn. The limit stays what it is."))
        return HttpResponseRedirect(page.here, status=303)
    return render(request, LIST, {**page.context, "problem": problem}, status=409)


def _asked(request: MerchantRequest, form: LimitForm, page: LimitsPage, role: MerchantRole) -> Approval | None:
    """The request that the new limit waits for; None where the form says why there is none."""
    try:
        return ask_for_limit(
            merchant=page.merchant,
            livemode=page.livemode,
            role=role,
            action=page.action,
            currency=page.currency,
            limit=form.limit,
            reason=form.cleaned_data["reason"],
            by=request.actor,
        )
    except REFUSALS as refused:
        form.refuse(refused)
    return None
