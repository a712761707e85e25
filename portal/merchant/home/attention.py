"""What needs somebody, most urgent first. Only what is true now, and nothing when there is nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext

from billing.access.verbs import P
from billing.approvals.queries import waiting
from billing.ledger.chart import Code
from billing.payments.models import PaymentStatus
from billing.payouts.models import Payout, PayoutStatus
from billing.webhooks.queries import count_dead
from disputes.chargebacks.models import OWED
from portal.merchant.home.place import Home
from portal.web.providers.card import Card
from reports.dates import ago_text, day_text, deadline_text
from reports.figures import home as figures

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """``url`` leads to exactly what ``text`` speaks of, ``verb`` says what one does there. Amounts are minor units
    with their currency. ``broken`` comes before all, then what is due ``by`` first."""

    text: str
    detail: str = ""
    amounts: Sequence[tuple[int, str]] = ()
    url: str = ""
    verb: str = ""
    broken: bool = False
    by: datetime = _LAST

    @property
    def family(self) -> str:
        return "danger" if self.broken else "warn"

    @property
    def icon(self) -> str:
        return "x" if self.broken else "alert-triangle"


def attention_context(home: Home) -> dict[str, Any]:
    rows = [
        *_disputes(home, figures.disputes_owed(home.merchant, home.livemode)),
        *_held(home, figures.payments_held(home.merchant, home.livemode)),
        *_payouts(home, [payout for payout in home.payouts if payout.provider_status == PayoutStatus.FAILED]),
    ]
    rows += [*_approvals(home), *_to_place(home), *_differing(home)]
    for card in home.connections:
        rows += _connection(home, card)
    return {"rows": sorted([*rows, *_dead(home)], key=lambda row: (not row.broken, row.by))}


def _disputes(home: Home, waiting: figures.Waiting) -> Iterator[Row]:
    if not waiting.count:
        return
    words = ngettext("%(n)d dispute needs a response", "%(n)d disputes need a response", waiting.count)
    detail = gettext("No response is possible any more")
    if waiting.at:
        due = deadline_text(waiting.at, home.merchant.zone, home.now)
        detail = gettext("Soonest due %(due)s") % {"due": due}
    yield Row(
        words % {"n": waiting.count},
        detail,
        [(-amount, currency) for currency, amount in waiting.amounts],
        home.list_of("disputes", status=[each.value for each in OWED]),
        gettext("Respond"),
        by=waiting.at or _LAST,
    )


def _held(home: Home, waiting: figures.Waiting) -> Iterator[Row]:
    if not waiting.count:
        return
    words = ngettext("%(n)d payment is held for review", "%(n)d payments are held for review", waiting.count)
    yield Row(
        words % {"n": waiting.count},
        gettext("Oldest from %(ago)s") % {"ago": ago_text(waiting.at or home.now, home.now)},
        [(amount, currency) for currency, amount in waiting.amounts],
        home.list_of("transactions", status=[PaymentStatus.HELD.value]),
        gettext("View"),
    )


def _payouts(home: Home, payouts: Sequence[Payout]) -> Iterator[Row]:
    for payout in payouts:
        reason = payout.failure_message or payout.failure_code.replace("_", " ") or gettext("the bank gave no reason")
        words = gettext("Of %(day)s: %(reason)s")
        yield Row(
            gettext("A payout failed"),
            words % {"day": day_text(payout.created_at, home.merchant.zone), "reason": reason},
            [(payout.amount, payout.currency)],
            home.movements_of(payout),
            gettext("View"),
            broken=True,
        )


def _approvals(home: Home) -> Iterator[Row]:
    backlog = waiting(home.merchant, home.livemode) if home.can(P.APPROVALS_DECIDE) else None
    if backlog and backlog.soonest:
        words = ngettext("%(n)d request waits for approval", "%(n)d requests wait for approval", backlog.count)
        ends = deadline_text(backlog.soonest, home.merchant.zone, home.now)
        detail = gettext("First to end %(at)s") % {"at": ends}
        url = home.page("approvals")
        yield Row(words % {"n": backlog.count}, detail, url=url, verb=gettext("Decide"), by=backlog.soonest)


def _to_place(home: Home) -> Iterator[Row]:
    waiting = figures.to_place(home.merchant, home.livemode)
    if waiting.count:
        words = ngettext("%(n)d movement to place", "%(n)d movements to place", waiting.count)
        currency = waiting.amounts[0][0]
        yield Row(
            words % {"n": waiting.count},
            gettext("The processor booked something of a kind that is not known here"),
            [(amount, currency) for currency, amount in waiting.amounts],
            home.books.statement(currency, Code.SUSPENSE) if home.can(P.BALANCE_VIEW) else "",
            gettext("View"),
            broken=True,
        )


def _differing(home: Home) -> Iterator[Row]:
    rows = figures.differing_balances(home.merchant, home.livemode)
    if rows:
        words = gettext("The balance differs from the processor’s")
        currencies = ", ".join(dict.fromkeys(row.currency for row in rows))
        url = home.page("balance") if home.can(P.BALANCE_VIEW) else ""
        yield Row(
            words, gettext("In %(currencies)s") % {"currencies": currencies}, (), url, gettext("View"), broken=True
        )


def _connection(home: Home, card: Card) -> Iterator[Row]:
    may_see = home.can(P.CONNECTIONS_VIEW)
    url = home.page("connection", connection=card.account.public_id) if may_see else ""
    for trouble in card.troubles:
        yield Row(
            gettext("%(name)s needs a look") % {"name": card.title},
            trouble.text,
            url=url,
            verb=pgettext("button", "Open"),
            broken=trouble.broken,
        )


def _dead(home: Home) -> Iterator[Row]:
    count = count_dead(home.merchant, home.livemode)
    if count:
        words = ngettext("%(n)d event could not be applied", "%(n)d events could not be applied", count)
        url = f"{home.page('events')}?state=dead_letter" if home.can(P.EVENTS_VIEW) else ""
        detail = gettext("What they tell is missing here until they are replayed")
        yield Row(words % {"n": count}, detail, url=url, verb=gettext("View"), broken=True)
