"""Today so far, beside the same weekday last week up to the same minute."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.figures.read import Sums
from billing.payments.models import FAILED
from billing.refunds.models import LIVE
from portal.merchant.home.place import Home
from portal.merchant.home.words import Change, growth, percent, share, tenths
from reports.dates import weekday_text
from reports.figures import home as figures
from reports.templatetags.money import amount_text

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit, the list that sums to it, and what it was before. ``note`` has a list of its own."""

    label: Text
    value: str
    unit: str
    url: str
    change: Change
    note: str = ""
    note_url: str = ""


def today_context(home: Home) -> dict[str, Any]:
    found = figures.today(home.merchant, home.livemode, home.currency, home.now, home.volume.days[-1][1])
    return {
        "figures": [
            _volume(home, found),
            _net(home, found),
            _success(home, found),
            _refunds(home, found),
            _disputes(home, found),
        ],
        "compared_with": gettext("compared with %(day)s until %(minute)s")
        % {"day": weekday_text(found.before_day), "minute": home.minute},
    }


def _volume(home: Home, found: figures.Today) -> Figure:
    now, before = found.sums.amount_captured, found.before.amount_captured
    return _money(home, found, _("Gross volume"), "transactions", now, before)


def _net(home: Home, found: figures.Today) -> Figure:
    return _money(home, found, _("Net after fees"), "activity", found.sums.net, found.before.net)


def _refunds(home: Home, found: figures.Today) -> Figure:
    count = found.sums.refunds
    label = ngettext("%(n)d refund", "%(n)d refunds", count) % {"n": count}
    now, before = found.sums.refunds_amount, found.before.refunds_amount
    return _money(home, found, label, "refunds", now, before, status=[each.value for each in LIVE])


def _disputes(home: Home, found: figures.Today) -> Figure:
    count = found.sums.disputes
    label = ngettext("%(n)d new dispute", "%(n)d new disputes", count) % {"n": count}
    now, before = found.sums.disputes_amount, found.before.disputes_amount
    return _money(home, found, label, "disputes", now, before)


def _success(home: Home, found: figures.Today) -> Figure:
    now, before = rate(found.sums), rate(found.before)
    difference = "" if now is None or before is None else tenths(now - before, signed=True)
    tried, failed = found.sums.succeeded + found.sums.failed, [each.value for each in FAILED]
    shown = gettext("%(failed)d of %(tried)d failed") % {"failed": found.sums.failed, "tried": tried}
    return Figure(
        _("Success rate"),
        "—" if now is None else tenths(now),
        "" if now is None else "%",
        _of_day(home, "transactions", found.day),
        Change(difference, "—" if before is None else percent(before), _before(home, "transactions", found.before_day)),
        shown if tried else gettext("none has ended yet"),
        _of_day(home, "transactions", found.day, status=failed) if tried else "",
    )


def rate(sums: Sums) -> Decimal | None:
    """Of the payments that succeeded or failed, how many percent succeeded."""
    return share(sums.succeeded, sums.succeeded + sums.failed)


def _money(
    home: Home, found: figures.Today, label: Text, name: str, now: int, before: int, **filters: list[str]
) -> Figure:
    change = Change(
        growth(now, before), amount_text(before, home.currency), _before(home, name, found.before_day, **filters)
    )
    value = amount_text(now, home.currency)
    return Figure(label, value, home.currency, _of_day(home, name, found.day, **filters), change)


def _of_day(home: Home, name: str, day: date, **filters: list[str]) -> str:
    return home.list_of(name, day, day, currency=home.currency, **filters)


def _before(home: Home, name: str, day: date, **filters: list[str]) -> str:
    return home.list_of(name, day, day, until_time=home.minute, currency=home.currency, **filters)
