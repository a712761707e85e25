"""The page of one payment, and its regions that refresh by themselves."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from billing.customers.reveal import reveal_people
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import PaymentRecord, load_record
from portal.access.guards import merchant_view
from portal.merchant.transactions.detail import REVEALED, PaymentPage, page_context
from portal.web.note_answers import THREAD, answer_added, answer_refused
from portal.web.notes import NoteForm
from portal.web.request import MerchantRequest

DETAIL = "merchant/transactions/detail.html"
DETAIL_PANELS = {
    **{name: f"{DETAIL}#{name}" for name in ("summary", "timeline", "after")},
    **{name: f"merchant/transactions/{name}.html" for name in ("money", "related", "customer", "risk", "details")},
    "raw-data": "merchant/transactions/raw.html",
    "notes": THREAD,
}


@merchant_view(P.PAYMENTS_VIEW)
def transaction(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    page = PaymentPage(request, merchant, livemode, _load(merchant, livemode, payment))
    return render(request, DETAIL, page_context(page))


@merchant_view(P.PAYMENTS_VIEW)
def transaction_panel(
    request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str, panel: str
) -> HttpResponse:
    if panel not in DETAIL_PANELS:
        raise Http404
    page = PaymentPage(request, merchant, livemode, _load(merchant, livemode, payment))
    if not request.htmx:
        return redirect(f"{page.url}{page.suffix}#{panel}")
    return render(request, DETAIL_PANELS[panel], page_context(page))


@merchant_view(P.CUSTOMER_REVEAL, methods=("POST",))
def transaction_reveal(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    page = PaymentPage(request, merchant, livemode, _load(merchant, livemode, payment))
    if livemode:
        kind, public_id = page.subject.kind, page.subject.public_id
        reveal_people(merchant=merchant, object_type=kind, object_id=public_id, by=request.actor)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": REVEALED})
    return redirect(f"{page.url}{page.suffix}#customer")


@merchant_view(P.NOTES_WRITE, methods=("GET", "POST"))
def transaction_note(request: MerchantRequest, merchant: Merchant, livemode: bool, payment: str) -> HttpResponse:
    record = _load(merchant, livemode, payment)
    page = PaymentPage(request, merchant, livemode, record)
    if request.method == "GET":
        # Somebody signed in again on the way from a form that was refused.
        return redirect(f"{page.url}{page.suffix}#notes")
    form = NoteForm(request.POST, for_staff=False)
    if form.is_valid() and form.write(merchant=merchant, livemode=livemode, subject=page.subject, by=request.actor):
        return answer_added(request, page_context(page), f"{page.url}{page.suffix}")
    refused = page_context(PaymentPage(request, merchant, livemode, record, form=form))
    return answer_refused(request, DETAIL, {**refused, "form": form})


def _load(merchant: Merchant, livemode: bool, public_id: str) -> PaymentRecord:
    try:
        return load_record(Payment.objects.for_merchant(merchant, livemode), public_id)
    except Payment.DoesNotExist:
        raise Http404 from None
