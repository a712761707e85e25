"""What was said with the processor about a request, as lines of a timeline."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.commands.models import Call, CommandExchange, CommandKind, Reply
from portal.web.kept_words import in_words
from portal.web.payments.timeline import Line

Text = str | Promise
# Family and icon, what was done, and what came of it.
_SENT: Mapping[str, tuple[str, str, Text]] = {
    "": ("info", "send", _("No answer yet")),
    Reply.DECLINED: ("danger", "send", _("The processor refused it")),
    Reply.NOT_EXECUTED: ("warn", "send", _("Not taken, to be sent again")),
    Reply.UNCLEAR: ("warn", "help-circle", _("No clear answer")),
    Reply.LOST: ("warn", "help-circle", _("The answer was lost")),
}
_ASKED: Mapping[str, tuple[str, str, Text]] = {
    Reply.NOT_FOUND: ("info", "search", _("Nothing of it was found")),
    Reply.UNAVAILABLE: ("warn", "search", _("The processor could not be asked")),
}
_DONE: Mapping[str, Text] = {
    CommandKind.REFUND: _("The processor made the refund"),
    CommandKind.CAPTURE: _("The processor captured it"),
    CommandKind.CANCEL: _("The processor released it"),
}
_FOUND: Mapping[str, Text] = {
    CommandKind.REFUND: _("The refund was found"),
    CommandKind.CAPTURE: _("It was captured"),
    CommandKind.CANCEL: _("It was released"),
}


def exchange_lines(kind: str, exchanges: Sequence[CommandExchange]) -> Iterator[Line]:
    """Oldest first, as they are given. Those of one sort and with the same reply that follow each other are one line:
    an outage may last for hours."""
    for _alike, group in groupby(exchanges, key=lambda each: (each.call, each.reply)):
        yield _line(kind, list(group))


def _line(kind: str, alike: Sequence[CommandExchange]) -> Line:
    last = alike[-1]
    family, icon, came = _told(kind, last)
    what = str(_("Asked what came of it") if last.call == Call.ASK else _("Sent to the processor"))
    if len(alike) > 1:
        what = ngettext("%(what)s, %(n)d time", "%(what)s, %(n)d times", len(alike)) % {"what": what, "n": len(alike)}
    detail = in_words(last.detail) if last.detail else ""
    return Line(family, icon, what, last.began_at, f"{came}: {detail}" if detail else came, about=last.request_id)


def _told(kind: str, exchange: CommandExchange) -> tuple[str, str, Text]:
    if exchange.reply == Reply.DONE:
        return "info", "send", _DONE[kind]
    if exchange.reply == Reply.FOUND:
        return "info", "search", _FOUND[kind]
    return (_ASKED if exchange.call == Call.ASK else _SENT)[exchange.reply]
