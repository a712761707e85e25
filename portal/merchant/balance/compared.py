"""How the books of a currency compare with the processor's own balance, in words."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, ngettext

from billing.payouts.models import Cause, ProcessorBalance
from billing.providers.models import ProviderAccount
from portal.merchant.balance.scope import BalanceScope
from portal.web.money_lists.panel import connection_label
from reports.dates import datetime_text
from reports.templatetags.money import amount_text


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs and why, in sentences; ``url`` leads to where a full sync is asked for, where that helps and the
    reader may see it."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """``family`` and ``label`` are a badge's. ``at`` is when the oldest comparison was made, None where there was none
    yet."""

    family: str
    label: str
    differences: Sequence[Difference] = ()
    at: datetime | None = None


def compared(
    rows: Collection[ProcessorBalance], currency: str, scope: BalanceScope, url_of: Callable[[ProviderAccount], str]
) -> Compared:
    """``rows`` are those of that currency. What is disconnected is compared no more."""
    accounts = {each.pk: each for each in scope.shown if each.is_connected}
    told = [each for each in rows if each.account_id in accounts]
    in_books = {each.account_id for each in scope.balances if each.currency == currency} & set(accounts)
    if not accounts:
        return Compared("neutral", gettext("Not compared: disconnected"))
    at = min((each.compared_at for each in told), default=None)
    differing = [each for each in told if each.cause]
    if at is None or (not differing and in_books - {each.account_id for each in told}):
        return Compared("neutral", gettext("Not compared with the processor yet"))
    if not differing:
        return Compared("ok", gettext("Equal to the processor’s at %(time)s") % {"time": _time(at, scope)}, at=at)
    found = [_difference(each, accounts, scope, url_of) for each in differing]
    return Compared("danger", gettext("Differs from the processor’s"), found, at)


def _difference(
    row: ProcessorBalance,
    accounts: dict[UUID, ProviderAccount],
    scope: BalanceScope,
    url_of: Callable[[ProviderAccount], str],
) -> Difference:
    account = accounts[row.account_id]
    whose = f"{connection_label(account)}: " if len(accounts) > 1 else ""
    told = (
        (
            gettext("Available: %(theirs)s at the processor, %(ours)s in the books (%(more)s)."),
            row.available,
            row.our_available,
        ),
        (
            gettext("Pending: %(theirs)s at the processor, %(ours)s in the books (%(more)s)."),
            row.pending,
            row.our_pending,
        ),
    )
    parts = [_sentence(words, theirs, ours, row.currency) for words, theirs, ours in told if theirs != ours]
    when = gettext("Compared at %(time)s.") % {"time": _time(row.compared_at, scope)}
    text = " ".join([f"{whose}{parts[0]}", *parts[1:], _why(row), when])
    return Difference(text, url_of(account) if row.cause == Cause.UNKNOWN else "")


def _why(row: ProcessorBalance) -> str:
    count = row.cause_count
    match row.cause:
        case Cause.NOT_BOOKED:
            words = ngettext(
                "%(n)d movement is not in the books yet and will be booked by itself.",
                "%(n)d movements are not in the books yet and will be booked by themselves.",
                count,
            )
        case Cause.DUE:
            words = ngettext(
                "%(n)d movement that is pending here became available there; it is asked for again soon.",
                "%(n)d movements that are pending here became available there; they are asked for again soon.",
                count,
            )
        case Cause.RESERVED:
            return gettext("The processor reserves exactly that for connected accounts.")
        case _:
            return gettext("No cause was found. A full sync compares every movement with the processor’s.")
    return words % {"n": count}


def _sentence(words: str, theirs: int, ours: int, currency: str) -> str:
    more = amount_text(theirs - ours, currency, signed=True)
    return words % {"theirs": amount_text(theirs, currency), "ours": amount_text(ours, currency), "more": more}


def _time(moment: datetime, scope: BalanceScope) -> str:
    """The time alone where the day is today's."""
    local, today = moment.astimezone(scope.zone), scope.now.astimezone(scope.zone).date()
    return f"{local:%H:%M}" if local.date() == today else datetime_text(moment, scope.zone)
