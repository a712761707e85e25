"""How the tags of a payment answer on its page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.web.panel_answers import answer_done
from portal.web.payments.page import DETAIL, PaymentPage
from portal.web.payments.tags import TAGS, TagForm
from portal.web.request import PersonRequest


def answer_tags(request: PersonRequest, page: PaymentPage) -> HttpResponse:
    """As people.answers.answer_note(), for a tag that comes or goes."""
    if request.method == "GET":
        return redirect(f"{page.url}{page.suffix}#tags")
    form, public_id = TagForm(request.POST), page.payment.public_id
    if form.is_valid():
        merchant, livemode = page.merchant, page.livemode
        done = form.write(merchant=merchant, livemode=livemode, payment=public_id, by=request.actor)
        if done:
            return answer_done(request, TAGS, page.context, f"{page.url}{page.suffix}#tags", done)
    page.tag_form = form
    refused = {**page.context, "form": form, "swapped": bool(request.htmx)}
    return render(request, TAGS if request.htmx else DETAIL, refused, status=422)
