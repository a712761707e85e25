"""How the page of one payment and its parts answer, on whatever face it stands."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.customers.reveal import reveal_people
from billing.payments.models import Payment, PaymentQuerySet
from billing.payments.queries import PaymentRecord, load_record
from portal.web.note_answers import THREAD, answer_added, answer_refused
from portal.web.notes import NoteForm
from portal.web.payments.page import REVEALED, PaymentPage, page_context
from portal.web.payments.tags import TAGS, TagForm, answer_tagged
from portal.web.request import PersonRequest

DETAIL = "components/payments/detail.html"
PANELS = {
    **{name: f"{DETAIL}#{name}" for name in ("summary", "timeline", "after")},
    **{name: f"components/payments/{name}.html" for name in ("money", "related", "customer", "risk", "details")},
    "raw-data": "components/payments/raw.html",
    "tags": TAGS,
    "notes": THREAD,
}


def load_payment(payments: PaymentQuerySet, public_id: str) -> PaymentRecord:
    """One of ``payments``. Raises Http404."""
    try:
        return load_record(payments, public_id)
    except Payment.DoesNotExist:
        raise Http404 from None


def answer_page(request: PersonRequest, page: PaymentPage) -> HttpResponse:
    return render(request, DETAIL, page_context(page))


def answer_panel(request: PersonRequest, page: PaymentPage, panel: str) -> HttpResponse:
    if panel not in PANELS:
        raise Http404
    if not request.htmx:
        return redirect(f"{page.url}{page.suffix}#{panel}")
    return render(request, PANELS[panel], page_context(page))


def answer_reveal(request: PersonRequest, page: PaymentPage) -> HttpResponse:
    """Shows the people behind the payment for a while, where anything hides them."""
    if page.sight.changes:
        kind, public_id = page.subject.kind, page.subject.public_id
        reveal_people(merchant=page.merchant, object_type=kind, object_id=public_id, by=request.actor)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": REVEALED})
    return redirect(f"{page.url}{page.suffix}#customer")


def answer_note(request: PersonRequest, page: PaymentPage) -> HttpResponse:
    """Writes what the form says; a GET comes from somebody who signed in again on the way from a refused form."""
    if request.method == "GET":
        return redirect(f"{page.url}{page.suffix}#notes")
    form = NoteForm(request.POST, for_staff=page.face.for_staff)
    livemode = page.payment.livemode
    if form.is_valid() and form.write(
        merchant=page.merchant, livemode=livemode, subject=page.subject, by=request.actor
    ):
        return answer_added(request, page_context(page), f"{page.url}{page.suffix}")
    return answer_refused(request, DETAIL, {**page_context(page.with_form(form)), "form": form})


def answer_tags(request: PersonRequest, page: PaymentPage) -> HttpResponse:
    """As answer_note(), for a tag that comes or goes."""
    if request.method == "GET":
        return redirect(f"{page.url}{page.suffix}#tags")
    form, public_id = TagForm(request.POST), page.payment.public_id
    if form.is_valid():
        livemode = page.payment.livemode
        done = form.write(merchant=page.merchant, livemode=livemode, payment=public_id, by=request.actor)
        if done:
            return answer_tagged(request, page_context(page), f"{page.url}{page.suffix}", done)
    refused = {**page_context(page.with_tag_form(form)), "form": form, "swapped": bool(request.htmx)}
    return render(request, TAGS if request.htmx else DETAIL, refused, status=422)
