"""Proves the second factor again before something sensitive."""

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from billing.audit.record import record
from portal.access.guards import person_view
from portal.access.posted import posted
from portal.access.way_back import is_ours
from portal.accounts.challenge import FORM, accept
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.forms import CodeForm, RecoveryCodeForm
from portal.accounts.sign_in import Way, refresh_factor
from portal.web.request import PersonRequest


@person_view(methods=FORM)
def reauthenticate(request: PersonRequest) -> HttpResponse:
    way: Way = "recovery" if request.GET.get("way") == "recovery" else "app"
    form = (RecoveryCodeForm if way == "recovery" else CodeForm)(posted(request))
    del form.fields["remember"]
    user = request.user
    authenticator = confirmed_authenticator(user)
    if authenticator is None:
        return HttpResponseRedirect(reverse("account_login"))
    page = request.GET.get("next", "")
    page = page if page and is_ours(request, page) else reverse("start")
    if request.method == "POST" and form.is_valid() and accept(request, form, user, authenticator, way):
        refresh_factor(request)
        with transaction.atomic():
            record(
                merchant_id=None,
                actor=request.actor,
                action="person.confirmed_again",
                object_type="user",
                object_id=user.public_id,
            )
        return HttpResponseRedirect(page)
    facts = {"form": form, "email": user.email, "way": way, "page": page}
    return render(request, "account/reauthenticate.html", facts, status=422 if form.is_bound else 200)
