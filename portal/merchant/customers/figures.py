"""The figures of one customer as they are shown: each leads to the list that adds up to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.payments.models import FAILED
from portal.merchant.home.words import percent, share
from portal.web.money_lists.table import amount_cell
from reports.figures.customer import Lifetime, Lifetimes
from reports.templatetags.money import current_locale

# Addresses of a list by its name and filters; the empty address is no link.
ListOf = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Amount:
    """``text`` is markup."""

    label: str
    text: SafeString
    url: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """Of one currency. ``rate`` is empty where no payment has ended yet; ``failed_url`` where none failed."""

    currency: str
    payments: int
    payments_url: str
    rate: str
    failed: str
    failed_url: str
    amounts: Sequence[Amount]
    first_at: datetime | None
    first_url: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """``looked_at`` is how many payments were added up; ``is_whole`` is False where there are more."""

    rows: Sequence[FigureRow]
    looked_at: int
    is_whole: bool


def figures_of(found: Lifetimes, list_of: ListOf) -> Figures:
    """Where not all was added up, no list says the same, and nothing leads to one."""
    rows = [_row(line, list_of if found.is_whole else _nowhere) for line in found.lines]
    return Figures(rows, sum(line.payments for line in found.lines), found.is_whole)


def _row(line: Lifetime, list_of: ListOf) -> FigureRow:
    def amount(label: str, minor: int, name: str = "transactions", **filters: str) -> Amount:
        text = amount_cell(minor, line.currency, current_locale(), code=False, muted=not minor)
        return Amount(label, text, list_of(name, currency=line.currency, **filters) if minor else "")

    tried = line.succeeded + line.failed
    succeeded = share(line.succeeded, tried)
    told = {"failed": line.failed, "tried": tried}
    return FigureRow(
        currency=line.currency,
        payments=line.payments,
        payments_url=list_of("transactions", currency=line.currency) if line.payments else "",
        rate="" if succeeded is None else percent(succeeded),
        failed=gettext("%(failed)d of %(tried)d failed") % told if line.failed else "",
        failed_url=list_of("transactions", status=list(FAILED), currency=line.currency) if line.failed else "",
        amounts=[
            amount(gettext("Captured"), line.captured),
            amount(gettext("Refunded"), -line.refunded, refunded="yes"),
            amount(gettext("Lost to disputes"), -line.lost, disputed="yes"),
            amount(gettext("Net before fees"), line.net),
            amount(gettext("Disputed"), line.disputed, "disputes"),
        ],
        first_at=line.first_at,
        first_url=list_of("transactions", currency=line.currency, sort="created") if line.payments else "",
        last_at=line.last_at,
    )


def _nowhere(name: str, **filters: object) -> str:
    return ""
