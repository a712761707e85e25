"""allauth's pages that we use, behind our guard: everything else of allauth has no address here."""

from typing import Any

from allauth.account import views
from allauth.account.internal import flows
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from billing.audit.record import record
from portal.access.actor import actor_of
from portal.access.guards import public_view
from portal.accounts.forms import SignUpPasswordForm

FORM = ("GET", "POST")


class Unprocessable:
    """Answers 422 where allauth would re-render a refused form with 200."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = 422
        return response


class StrangersOnly:
    """A link that is meant for one account leaves the account signed in here alone until it is used."""

    request: HttpRequest

    def logout(self) -> None:
        if self.request.method == "POST":
            super().logout()  # type: ignore[misc]


class SignIn(Unprocessable, views.LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "signup_open": settings.SIGNUP_OPEN}


class SignUp(Unprocessable, views.SignupView):
    pass


class ResetRequest(Unprocessable, views.PasswordResetView):
    pass


class NewPassword(StrangersOnly, Unprocessable, views.PasswordResetFromKeyView):
    pass


class ConfirmEmail(StrangersOnly, views.ConfirmEmailView):
    """Asks for the password of the sign-up: whoever only owns the address must not confirm a stranger's account."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = SignUpPasswordForm(self.request.POST, request=self.request, email=self.object.email_address.user.email)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        response: HttpResponse = super().post(*args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": SignUpPasswordForm(), **kwargs})


sign_in = public_view(methods=FORM, read_only=True)(SignIn.as_view())
sign_up = public_view(methods=FORM, read_only=True)(SignUp.as_view())
inactive = public_view(read_only=True)(views.account_inactive)
email_verification_sent = public_view(read_only=True)(views.email_verification_sent)
confirm_email = public_view(methods=FORM, read_only=True)(ConfirmEmail.as_view())
reset_password = public_view(methods=FORM, read_only=True)(ResetRequest.as_view())
reset_password_done = public_view(read_only=True)(views.password_reset_done)
new_password = public_view(methods=FORM, read_only=True)(NewPassword.as_view())
new_password_done = public_view(read_only=True)(views.password_reset_from_key_done)


@public_view(methods=FORM, read_only=True)
def sign_out(request: HttpRequest) -> HttpResponse:
    """Also leaves a sign-in that waits for its code."""
    if request.method != "POST":
        return render(request, "account/logout.html")
    if request.user.is_authenticated:
        user = request.user
        with transaction.atomic():
            record(
                merchant_id=None,
                actor=actor_of(request, user),
                action="person.signed_out",
                object_type="user",
                object_id=user.public_id,
            )
    flows.logout.logout(request, show_message=False)
    response = HttpResponseRedirect(reverse("account_login"))
    # What pages left in this browser goes, too.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
