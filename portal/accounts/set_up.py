"""The forced set-up of the second factor: key, first code, ten saved codes, and only then the door opens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from portal.access.actor import actor_of
from portal.access.guards import public_view
from portal.access.posted import posted
from portal.accounts.challenge import FORM, accept
from portal.accounts.codes import are_current, new_codes
from portal.accounts.enrol import confirm_authenticator, confirmed_authenticator, qr_data_uri
from portal.accounts.forms import CodeForm, SavedForm
from portal.accounts.second_factor import Authenticator
from portal.accounts.sign_in import finish_sign_in
from portal.accounts.stages import DONE, SecondFactorStage, enter_stage, keep_stage
from portal.accounts.user import User


@public_view(methods=FORM, read_only=True)
@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    stage = enter_stage(request)
    if stage is None:
        return redirect("account_login")
    user: User = stage.login.user
    device = Authenticator.objects.filter(user=user, confirmed=False).first()
    if device is None or confirmed_authenticator(user):
        return redirect("account_2fa_codes" if stage.state.get(DONE) else "account_2fa_challenge")
    form = CodeForm(posted(request))
    del form.fields["remember"]
    if request.method == "POST" and form.is_valid() and accept(request, form, user, device, "app"):
        confirm_authenticator(device=device, by=actor_of(request, user))
        stage.state[DONE] = True
        keep_stage(request, stage)
        return _show_codes(request, new_codes(user=user, by=actor_of(request, user)), SavedForm())
    facts = {"form": form, "device": device, "qr": qr_data_uri(device), "email": user.email}
    return render(request, "account/setup.html", facts, status=422 if form.is_bound else 200)


@public_view(methods=FORM, read_only=True)
@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """GET never shows codes: they were shown once, in the answer to the POST that made them."""
    stage = enter_stage(request)
    if stage is None or not stage.state.get(DONE):
        return redirect("account_login" if stage is None else "account_2fa_challenge")
    user: User = stage.login.user
    if request.method != "POST":
        return render(request, "account/codes_again.html")
    if "again" in request.POST:
        return _show_codes(request, new_codes(user=user, by=actor_of(request, user)), SavedForm())
    form = SavedForm(request.POST)
    if not form.is_valid():
        shown = request.POST.getlist("shown")
        # The page sends back what it shows; it is shown again only if it is what was made.
        if not are_current(user=user, codes=shown):
            return render(request, "account/codes_again.html", status=422)
        return _show_codes(request, shown, form, status=422)
    return _open(request, stage, user)


def _show_codes(request: HttpRequest, shown: list[str], form: SavedForm, *, status: int = 200) -> HttpResponse:
    return render(request, "account/codes.html", {"codes": shown, "form": form}, status=status)


def _open(request: HttpRequest, stage: SecondFactorStage, user: User) -> HttpResponse:
    authenticator = confirmed_authenticator(user)
    response: HttpResponse = stage.exit()
    if request.user.is_authenticated and authenticator:
        finish_sign_in(request, response, authenticator=authenticator, remember=False)
    return response
