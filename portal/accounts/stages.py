"""The step of signing in that comes after the password: nobody gets past it with a password alone."""

from allauth.account.internal.stagekit import stash_login
from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal.accounts.enrol import confirmed_authenticator, pending_authenticator
from portal.accounts.user import User

KEY = "second_factor"
# In the stage's state: this very sign-in has set the factor up, so it need not be asked for a code again.
DONE = "set_up"


class SecondFactorStage(LoginStage):
    key = KEY
    urlname = "account_2fa_challenge"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user: User = self.login.user
        if confirmed_authenticator(user):
            return HttpResponseRedirect(reverse("account_2fa_challenge")), True
        # Made here, in the POST of the password, because the page that shows it is a GET and writes nothing.
        pending_authenticator(user)
        return HttpResponseRedirect(reverse("account_2fa_setup")), True


def enter_stage(request: HttpRequest) -> SecondFactorStage | None:
    """The sign-in that waits for its second factor in this browser, if there is one."""
    stage = LoginStageController.enter(request, KEY)
    return stage if isinstance(stage, SecondFactorStage) and stage.login.user is not None else None


def keep_stage(request: HttpRequest, stage: SecondFactorStage) -> None:
    """Saves what was noted in ``stage.state``."""
    stash_login(request, stage.login)
