"""Pages about connections as both faces answer them."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.providers.models import ProviderAccount
from portal.web.list_answers import answer_list
from portal.web.providers.acts import DETAIL
from portal.web.providers.card import label_of
from portal.web.providers.findings import FindingListing
from portal.web.providers.forms import SyncForm
from portal.web.providers.page import PANELS
from portal.web.request import PersonRequest

FINDINGS = "components/connections/findings.html"


def answer_panel(request: PersonRequest, context: dict[str, object], panel: str) -> HttpResponse:
    """One region of the page, for a page that keeps itself up to date."""
    if panel not in PANELS:
        raise Http404
    if not request.htmx:
        return redirect(f"{context['page_url']}#{panel}")
    return render(request, f"{DETAIL}#{panel}", context)


def answer_findings(
    request: PersonRequest, listing: FindingListing, account: ProviderAccount, *, page_url: str
) -> HttpResponse:
    label = label_of(account)
    return answer_list(request, FINDINGS, listing, account=account, connection_label=label, page_url=page_url)


def answer_sync_form(
    request: PersonRequest, form: SyncForm, account: ProviderAccount, *, page_url: str
) -> HttpResponse:
    context = {"form": form, "connection_label": label_of(account), "page_url": page_url}
    return render(request, "components/connections/sync.html", context, status=422 if form.errors else 200)
