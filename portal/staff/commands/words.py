"""What is said of requests to processors that move money, and why something was not done."""

from collections.abc import Callable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands import by_hand
from billing.commands.kinds import DoesNotFit, Misfit
from billing.commands.models import Call
from billing.providers.base import ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.retry import StillLocked
from portal.web.busy import PAYMENT_BUSY
from portal.web.events.detail import without_people
from reports.status import describe

_MISFITS = {
    Misfit.CHARGE: _("What has this id belongs to another payment. Nothing was settled."),
    Misfit.AMOUNT: _("What has this id has another amount. Nothing was settled."),
    Misfit.CURRENCY: _("What has this id has another currency. Nothing was settled."),
    Misfit.TIME: _("What has this id is older than the request, so the request did not make it. Nothing was settled."),
    Misfit.COMMAND: _("What has this id belongs to another request. Nothing was settled."),
    Misfit.HELD: _("The payment is still authorised: it was neither captured nor cancelled. Nothing was settled."),
    Misfit.OTHERWISE: _(
        "Something else became of the payment: it was cancelled, has expired, or was captured with another amount."
        " Nothing was settled."
    ),
}


def last_words(call: str | None, reply: str | None, detail: str | None) -> tuple[str, str]:
    """What came of the last call, and the processor's words for it; both may be empty."""
    if call is None:
        return gettext("Nobody has spoken with it yet."), ""
    known = describe("reply", reply or "")
    return str(known.explanation if call == Call.ASK else known.label), without_people(detail or "")


def field_of(refused: Exception) -> str | None:
    """Beside which field of the form it stands; None for what is about none."""
    return next((name for name, kinds in _FIELDS.items() if isinstance(refused, kinds)), None)


def why_not(refused: Exception) -> str:
    """One sentence for one of REFUSALS."""
    return next(sentence(refused) for kind, sentence in _SENTENCES.items() if isinstance(refused, kind))


def _not_fitting(refused: Exception) -> str:
    return str(_MISFITS[refused.misfit]) if isinstance(refused, DoesNotFit) else ""


def _carried_out(refused: Exception) -> str:
    made = refused.external_id if isinstance(refused, by_hand.CarriedOut) else ""
    return gettext(
        "The processor did carry it out: it has %(id)s with the key of this request. Nothing was settled by hand; try "
        "it again on the page of the request, and it is recorded by itself."
    ) % {"id": made}


def _not_in_doubt(refused: Exception) -> str:
    state = refused.state if isinstance(refused, by_hand.NotInDoubt) else ""
    return gettext("There is nothing to do by hand: the request is “%(state)s” now.") % {
        "state": describe("command", state).label
    }


def _declined(refused: Exception) -> str:
    return gettext("The processor refused to be asked: “%(words)s” Nothing was settled.") % {"words": str(refused)}


_SENTENCES: dict[type[Exception], Callable[[Exception], str]] = {
    by_hand.NotInDoubt: _not_in_doubt,
    by_hand.CallUnderWay: lambda _refused: gettext(
        "A worker speaks with the processor about it right now. Look again in a moment."
    ),
    by_hand.NeverSent: lambda _refused: gettext(
        "The request never went out, so it cannot have been carried out. Nothing was settled."
    ),
    by_hand.NotConnected: lambda _refused: gettext(
        "The connection is gone, so the processor cannot be asked. Connect the account again first."
    ),
    by_hand.SentLately: lambda _refused: gettext(
        "The request went out less than a minute ago and may still take effect. Wait a minute, then try again."
    ),
    by_hand.NothingOfThatId: lambda _refused: gettext("The processor has nothing with this id. Nothing was settled."),
    by_hand.CarriedOut: _carried_out,
    by_hand.ReasonMissing: lambda _refused: gettext("Say how you know."),
    by_hand.ReasonTooLong: lambda _refused: gettext("Use at most 500 characters."),
    DoesNotFit: _not_fitting,
    StillLocked: lambda _refused: str(PAYMENT_BUSY),
    ProviderUnavailable: lambda _refused: gettext(
        "The processor does not answer, so nothing was settled. Try again later."
    ),
    ProviderDeclined: _declined,
    UnreadableObject: lambda _refused: gettext("The processor's answer cannot be read, so nothing was settled."),
}
REFUSALS = tuple(_SENTENCES)
# The request is no longer what the form was about.
CONFLICTS = (by_hand.NotInDoubt, by_hand.CallUnderWay)
_FIELDS: dict[str, tuple[type[Exception], ...]] = {
    "external_id": (by_hand.NothingOfThatId, DoesNotFit),
    "outcome": (by_hand.NeverSent, by_hand.CarriedOut),
    "reason": (by_hand.ReasonMissing, by_hand.ReasonTooLong),
}
