"""Tags and notes for several payments of the list at once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.idempotency.guard import KeyReused, once
from billing.merchants.models import Merchant
from billing.tags.queries import known_tags
from portal.access.guards import merchant_view
from portal.merchant.bulk.forms import ACTS, BulkForm
from portal.merchant.bulk.listing import TickedListing
from portal.merchant.bulk.selection import Selection, SelectionRefused, selection_of
from portal.merchant.lists import load_list
from portal.web.request import MerchantRequest

PAGE = "merchant/transactions/bulk.html"


@merchant_view(P.NOTES_WRITE, methods=("GET", "POST"))
def bulk(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    listing = load_list(TickedListing, request, merchant, livemode)
    data = request.POST if request.method == "POST" else request.GET
    selection, kind = selection_of(listing, data), ACTS.get(data.get("do", ""), ACTS["tag"])
    if request.method == "GET" or "again" in data:
        # Somebody comes from the list, or back from the review to what they typed.
        return _page(request, selection, kind(initial=data))
    form = kind(request.POST)
    if not form.is_valid():
        return _page(request, selection, form, status=422)
    try:
        if selection.is_all and "confirmed" not in data:
            selection.check()
            return _page(request, selection, form, review=True)
        messages.info(request, form.done(_once(request, selection, form)))
    except SelectionRefused:
        return _page(request, selection, form, status=422)
    except KeyReused:
        form.renew()
        form.add_error(None, gettext("This form was sent before with other words, and that was done. Look again."))
        return _page(request, selection, form, status=409)
    return redirect(str(listing.address))


def _once(request: MerchantRequest, selection: Selection, form: BulkForm) -> dict[str, int]:
    """What was done, now or by an earlier copy of the same form. What is asked names no payments that a filter found:
    the second copy may find others, or none. Raises SelectionRefused, KeyReused."""
    merchant, livemode = request.merchant, request.livemode

    def work() -> dict[str, int]:
        selection.check()
        return form.act(merchant=merchant, livemode=livemode, payments=selection.payments, by=request.actor)

    asked = {
        "action": f"payments.{form.name}",
        "livemode": livemode,
        "says": form.says,
        "selection": sorted(selection.fields),
        "filters": selection.listing.address.query,
        "author": request.actor.id,
    }
    return once(merchant_id=merchant.pk, key=f"bulk {form.cleaned_data['form_key']}", request=asked, work=work).response


def _page(
    request: MerchantRequest, selection: Selection, form: BulkForm, *, review: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "selection": selection,
        "form": form,
        "acts": ACTS.values(),
        "question": form.question(selection.count) if review else "",
        "known": known_tags(request.merchant, request.livemode) if form.name == "tag" and not review else [],
    }
    return render(request, PAGE, context, status=status)
