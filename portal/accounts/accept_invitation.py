"""The page behind an invitation's link: name, first password, then straight into the set-up of the second factor."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from billing.clock import now
from portal.access.guards import public_view
from portal.access.posted import posted
from portal.accounts.change_password import change_password
from portal.accounts.forms import InvitationForm
from portal.accounts.invitation import Invitation, living_invitation
from portal.accounts.user import User


@public_view(methods=("GET", "POST"), read_only=True)
@never_cache
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    invitation = living_invitation(token)
    if invitation is None:
        return render(request, "account/invitation_dead.html", status=410)
    user: User = invitation.user
    form = InvitationForm(posted(request), user=user)
    if request.method == "POST" and form.is_valid():
        if not _use(invitation, form, request):
            return render(request, "account/invitation_dead.html", status=410)
        if request.user.is_authenticated:
            # A shared machine: the person before must not stay signed in behind this one.
            request.session.flush()
        return perform_login(request, Login(user=user, email=user.email))
    facts = {"form": form, "email": user.email}
    return render(request, "account/invitation.html", facts, status=422 if form.is_bound else 200)


def _use(invitation: Invitation, form: InvitationForm, request: HttpRequest) -> bool:
    with transaction.atomic():
        used = Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=now())
        if not used:
            return False
        invitation.user.name = form.cleaned_data["name"]
        invitation.user.save(update_fields=["name"])
        change_password(user=invitation.user, password=form.cleaned_data["password1"], request=request)
    return True
