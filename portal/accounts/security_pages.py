"""/me/security/: password, authenticator, recovery codes, remembered devices."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp import login as bind_authenticator

from billing.audit.record import record
from billing.clock import now
from portal.access.guards import person_view
from portal.access.posted import posted
from portal.accounts import notices
from portal.accounts.adapter import too_many
from portal.accounts.challenge import FORM, accept
from portal.accounts.change_password import change_password, end_sessions
from portal.accounts.codes import SET_SIZE, codes_left, new_codes
from portal.accounts.device_label import device_words
from portal.accounts.enrol import confirm_authenticator, pending_authenticator, qr_data_uri
from portal.accounts.forms import ChangePasswordForm, CodeForm
from portal.accounts.known_device import KnownDevice, cookie_name, known_device
from portal.accounts.lockout import TooManyAttempts, book_attempt, confirm_failure, take_back
from portal.accounts.second_factor import Authenticator
from portal.web.request import PersonRequest


@person_view()
def security(request: PersonRequest) -> HttpResponse:
    facts = {
        "codes_left": codes_left(request.user),
        "codes_made": SET_SIZE,
        "authenticator": request.user.otp_device,
        "devices": KnownDevice.objects.filter(user=request.user, expires_at__gt=now()).order_by("-last_used_at"),
        "this_device": known_device(request, request.user.email),
    }
    return render(request, "me/security.html", facts)


@person_view(methods=FORM, step_up=True)
def password(request: PersonRequest) -> HttpResponse:
    form = ChangePasswordForm(posted(request), user=request.user)
    if request.method == "POST" and form.is_valid() and _knows_password(request, form):
        change_password(user=request.user, password=form.cleaned_data["password1"], request=request)
        # A new id for the one session that goes on.
        update_session_auth_hash(request, request.user)
        messages.success(request, gettext("The password is changed. All other sessions are signed out."))
        return HttpResponseRedirect(reverse("me:security"), status=303)
    return render(request, "me/password.html", {"form": form}, status=422 if form.is_bound else 200)


@person_view(methods=FORM, step_up=True)
def codes(request: PersonRequest) -> HttpResponse:
    """GET asks, POST makes: the answer to the POST is the only time that the codes are seen."""
    if request.method != "POST":
        return render(request, "me/codes.html", {"codes_left": codes_left(request.user)})
    made = new_codes(user=request.user, by=request.actor)
    notices.account_changed(request, request.user, _("New recovery codes were made."))
    return render(request, "me/codes.html", {"codes": made})


@person_view(methods=FORM, step_up=True)
def authenticator(request: PersonRequest) -> HttpResponse:
    """Replaces the authenticator: GET explains, the first POST makes a key, the second proves it."""
    device = Authenticator.objects.filter(user=request.user, confirmed=False).first()
    if request.method != "POST" or device is None:
        if request.method == "POST":
            device = pending_authenticator(request.user)
        return _show_authenticator(request, device, CodeForm())
    form = CodeForm(request.POST) if "code" in request.POST else CodeForm()
    if not form.is_bound or not form.is_valid() or not accept(request, form, request.user, device, "app"):
        return _show_authenticator(request, device, form)
    with transaction.atomic():
        confirm_authenticator(device=device, by=request.actor)
        end_sessions(user=request.user, spare=request.session.session_key)
    bind_authenticator(request, device)
    request.session.cycle_key()
    notices.account_changed(request, request.user, _("The authenticator app was replaced."))
    messages.success(request, gettext("The new authenticator is in use. All other sessions are signed out."))
    return HttpResponseRedirect(reverse("me:security"), status=303)


@person_view(methods=("POST",))
def forget_device(request: PersonRequest, device: str) -> HttpResponse:
    with transaction.atomic():
        row = KnownDevice.objects.filter(user=request.user, public_id=device).first()
        if row is None:
            raise Http404
        here = known_device(request, request.user.email)
        row.delete()
        record(
            merchant_id=None,
            actor=request.actor,
            action="person.device_forgotten",
            object_type="user",
            object_id=request.user.public_id,
            before={"device": row.label},
        )
    messages.success(request, gettext("%(device)s is no longer remembered.") % {"device": device_words(row.label)})
    response = HttpResponseRedirect(reverse("me:security"), status=303)
    if here and here.public_id == device:
        response.delete_cookie(cookie_name(), samesite="Lax")
    return response


def _show_authenticator(request: PersonRequest, device: Authenticator | None, form: CodeForm) -> HttpResponse:
    del form.fields["remember"]
    qr = qr_data_uri(device) if device else ""
    facts = {"form": form, "device": device, "qr": qr}
    return render(request, "me/authenticator.html", facts, status=422 if form.is_bound else 200)


def _knows_password(request: PersonRequest, form: ChangePasswordForm) -> bool:
    email = request.user.email
    device = known_device(request, email)
    try:
        attempt = book_attempt(email=email, device=device.public_id if device else "")
    except TooManyAttempts as closed:
        form.add_error(None, too_many(closed))
        return False
    if request.user.check_password(form.cleaned_data["oldpassword"]):
        take_back(attempt)
        return True
    if confirm_failure(attempt, email=email):
        notices.account_locked(request, email)
    form.add_error("oldpassword", gettext("That is not your current password."))
    return False
