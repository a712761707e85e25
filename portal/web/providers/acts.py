"""What can be done on the page of a connection, and what is said when it was or was not done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext

from billing.audit.actor import Actor
from billing.providers import scopes
from billing.providers.base import ProviderUnavailable
from billing.providers.check import check_connection
from billing.providers.connect import AlreadyConnected
from billing.providers.locked import AlreadyDisconnected
from billing.providers.models import ProviderAccount
from billing.providers.secrets import LastSecret, SecretGone
from billing.sync.cancel import RunIsOver, cancel_run
from billing.sync.models import RunKind
from billing.sync.standing import UNDER_WAY
from billing.sync.start import NotConnected, RunUnderWay, start_run
from portal.web.kept_words import list_in_words
from portal.web.request import PersonRequest

DETAIL = "components/connections/detail.html"
Said = str


class NoSuchKind(Exception):
    """A form named a kind of run that there is not."""


def test(account: ProviderAccount, *, by: Actor) -> Said:
    tested = check_connection(account=account, by=by)
    lacking = scopes.missing(tested.granted)
    if tested.refusal:
        return gettext("Tested: the key is refused.")
    if lacking:
        return gettext("Tested: the key may not read %(names)s.") % {"names": list_in_words(scopes.in_words(lacking))}
    return gettext("Tested: the key works and may read everything that is needed.")


def run(account: ProviderAccount, kind: str, *, by: Actor, since: datetime | None = None) -> Said:
    """``kind`` is what a form sent. Raises NoSuchKind, RunUnderWay, NotConnected."""
    if kind not in RunKind:
        raise NoSuchKind(kind)
    start_run(account=account, kind=RunKind(kind), by=by, since=since)
    return {
        RunKind.BACKFILL: gettext("The full sync begins."),
        RunKind.GAPS: gettext("The search for missing events begins."),
        RunKind.DRIFT: gettext("The comparison begins."),
    }[RunKind(kind)]


def cancel(account: ProviderAccount, run_id: str, *, by: Actor) -> Said:
    """Raises RunIsOver, also for a run of another account."""
    found = account.runs.filter(UNDER_WAY, public_id=run_id[:40]).first()
    if found is None:
        raise RunIsOver(run_id)
    cancel_run(run=found, by=by)
    return gettext("It stops within a moment. What was read so far stays.")


def answer_act(
    request: PersonRequest, act: Callable[[], Said], *, page_url: str, context: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Back to the page with what was said; the page itself with the reason, and 409, where nothing was done."""
    try:
        said = act()
    except _REFUSALS as refused:
        return answer_refused(request, context(), refused)
    messages.success(request, said)
    return HttpResponseRedirect(page_url, status=303)


def answer_refused(request: PersonRequest, context: dict[str, Any], refused: Exception) -> HttpResponse:
    return render(request, DETAIL, {**context, "problem": why_not(refused)}, status=409)


def why_not(refused: Exception) -> str:
    """One sentence for one of _REFUSALS."""
    return next(sentence() for kind, sentence in _SENTENCES.items() if isinstance(refused, kind))


_SENTENCES: dict[type[Exception], Callable[[], str]] = {
    RunUnderWay: lambda: gettext("This is under way already: wait until it ends, or cancel it first."),
    RunIsOver: lambda: gettext("It had ended before it could be cancelled."),
    NotConnected: lambda: gettext("The connection was disconnected meanwhile, so there is no key to ask with."),
    AlreadyDisconnected: lambda: gettext("The connection was disconnected meanwhile."),
    ProviderUnavailable: lambda: gettext("The processor does not answer, so nothing was changed. Try again later."),
    LastSecret: lambda: gettext("This is the only webhook secret that lasts: add the new one first."),
    SecretGone: lambda: gettext("This webhook secret was removed before."),
    AlreadyConnected: lambda: gettext("Another connection reaches the same account: disconnect one of the two."),
    NoSuchKind: lambda: gettext("Nothing of that kind can be started."),
}
_REFUSALS = tuple(_SENTENCES)
