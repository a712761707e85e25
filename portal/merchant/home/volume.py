"""What was captured day by day, and how many payments succeeded."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext

from billing.figures.read import Sums
from portal.merchant.home.place import Home
from portal.merchant.home.today import rate
from portal.merchant.home.words import Change, compact, growth, percent
from portal.web.periods import days_text
from reports.dates import short_day_text, weekday_text
from reports.figures import home as figures
from reports.render.svg import ColumnChart, LineChart
from reports.templatetags.money import amount_text, money_plain

_ALL = 100


def volume_context(home: Home) -> dict[str, Any]:
    found = home.volume
    first, last = home.days_shown
    before_first, before_last = first - timedelta(days=home.days), first - timedelta(days=1)
    total, before = found.total.amount_captured, found.total_before.amount_captured
    context = {
        "total": amount_text(total, home.currency),
        "total_url": home.list_of("transactions", first, last, currency=home.currency),
        "change": Change(
            growth(total, before),
            amount_text(before, home.currency),
            home.list_of("transactions", before_first, before_last, currency=home.currency),
        ),
        "is_empty": not any(sums.payments for _, sums in (*found.days, *found.before)),
    }
    if not context["is_empty"]:
        context |= {"columns": _columns(home, found), "line": _line(home, found)}
        context["links"] = [home.list_of("transactions", day, day, currency=home.currency) for day, _ in found.days]
    return context


def _columns(home: Home, found: figures.Volume) -> ColumnChart:
    first, last = home.days_shown
    words = gettext("Captured volume, %(currency)s per day · %(days)s")
    return ColumnChart(
        title=words % {"currency": home.currency, "days": days_text(first, last)},
        summary=_summary(home, found),
        steps=_steps(home, found),
        values=[sums.amount_captured for _, sums in found.days],
        show=lambda minor: amount_text(minor, home.currency),
        show_axis=lambda minor: compact(minor, home.currency),
        name=gettext("This period"),
        previous=[sums.amount_captured for _, sums in found.before],
        previous_name=gettext("Period before"),
        open_end=True,
    )


def _line(home: Home, found: figures.Volume) -> LineChart:
    rates = [rate(sums) for _, sums in found.days]
    # Where all payments succeeded, no day stands out.
    known = [(share, index) for index, share in enumerate(rates) if share is not None and share < _ALL]
    lowest, index = min(known, default=(None, None))
    mark = "" if index is None else weekday_text(found.days[index][0], year=False)
    return LineChart(
        title=gettext("Success rate, %"),
        summary="",
        steps=_steps(home, found),
        values=[None if share is None else float(share) for share in rates],
        mark=index,
        mark_text="" if lowest is None else f"{mark} · {percent(lowest)}",
    )


def _steps(home: Home, found: figures.Volume) -> list[str]:
    return [gettext("Today") if day == home.today else short_day_text(day) for day, _ in found.days]


def _summary(home: Home, found: figures.Volume) -> str:
    best, sums = max(found.days, key=_captured)
    sentences = []
    if sums.amount_captured:
        amount = money_plain(sums.amount_captured, home.currency)
        words = gettext("Best day %(day)s with %(amount)s.")
        sentences.append(words % {"day": weekday_text(best, year=False), "amount": amount})
    average = rate(found.total)
    if average is not None:
        sentences.append(gettext("Success rate of all days together %(rate)s.") % {"rate": percent(average)})
    return " ".join(sentences) or gettext("Nothing was paid in these days.")


def _captured(of_day: tuple[date, Sums]) -> int:
    return of_day[1].amount_captured
