"""The second step of signing in: a code from the app, or one of the saved ones."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from portal.access.guards import public_view
from portal.access.posted import posted
from portal.accounts.adapter import too_many
from portal.accounts.codes import codes_left
from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.forms import CodeForm, RecoveryCodeForm
from portal.accounts.lockout import TooManyAttempts
from portal.accounts.second_factor import Authenticator
from portal.accounts.sign_in import Way, check_code, finish_sign_in
from portal.accounts.stages import DONE, SecondFactorStage, enter_stage
from portal.accounts.user import User

FORM = ("GET", "POST")
WRONG = {
    "app": _("That code is wrong or was used already. Wait for the next one."),
    "recovery": _("That recovery code is wrong or was used already."),
}


@public_view(methods=FORM, read_only=True)
@never_cache
def by_app(request: HttpRequest) -> HttpResponse:
    return _challenge(request, "app", CodeForm(posted(request)), "account/challenge.html")


@public_view(methods=FORM, read_only=True)
@never_cache
def by_recovery_code(request: HttpRequest) -> HttpResponse:
    return _challenge(request, "recovery", RecoveryCodeForm(posted(request)), "account/recovery.html")


@public_view(read_only=True)
def lost(request: HttpRequest) -> HttpResponse:
    """What to do without phone and codes."""
    return render(request, "account/lost.html")


def _challenge(request: HttpRequest, way: Way, form: CodeForm, template: str) -> HttpResponse:
    stage = enter_stage(request)
    if stage is None:
        return redirect("account_login")
    if stage.state.get(DONE):
        return redirect("account_2fa_codes")
    user: User = stage.login.user
    authenticator = confirmed_authenticator(user)
    if authenticator is None:
        return redirect("account_2fa_setup")
    if request.method == "POST" and form.is_valid() and accept(request, form, user, authenticator, way):
        return _let_in(request, stage, authenticator, remember=form.cleaned_data["remember"])
    facts = {"form": form, "email": user.email, "codes_left": codes_left(user)}
    return render(request, template, facts, status=422 if form.is_bound else 200)


def accept(request: HttpRequest, form: CodeForm, user: User, authenticator: Authenticator, way: Way) -> bool:
    """Whether the form's code is right; the form says why it is not."""
    try:
        if check_code(request, user=user, authenticator=authenticator, typed=form.cleaned_data["code"], way=way):
            return True
    except TooManyAttempts as closed:
        form.add_error(None, too_many(closed))
        return False
    form.add_error("code", WRONG[way])
    return False


def _let_in(
    request: HttpRequest, stage: SecondFactorStage, authenticator: Authenticator, *, remember: bool
) -> HttpResponse:
    response: HttpResponse = stage.exit()
    if request.user.is_authenticated:
        finish_sign_in(request, response, authenticator=authenticator, remember=remember)
    return response
