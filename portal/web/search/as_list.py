"""A search as the filters of the transactions list say it."""

from django.http import QueryDict

from billing.money import Money, format_amount
from portal.web.filters import PERIOD
from portal.web.periods import CUSTOM
from portal.web.search.asked import Asked
from portal.web.search.days import Days
from reports.templatetags.money import current_locale


def as_list(asked: Asked) -> QueryDict:
    """The list's query string. What must not be found cannot be said there and is left out."""
    data = QueryDict(mutable=True)
    for name, value in {"q": asked.id or asked.text, "last4": asked.last4, "email": asked.email}.items():
        if value:
            data[name] = value
    data.setlist("status", list(asked.statuses))
    if asked.refunded is not None:
        data["refunded"] = "yes" if asked.refunded else "no"
    if asked.disputed is not None:
        data["disputed"] = "yes" if asked.disputed else "no"
    if asked.currency:
        data["currency"] = asked.currency
    _say_amount(data, asked.low, asked.high)
    if asked.days:
        _say_days(data, asked.days)
    return data


def _say_amount(data: QueryDict, low: Money | None, high: Money | None) -> None:
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds:
        return
    data["currency"], data["amount"] = bounds[0].currency, _written(bounds[0])
    if low is None:
        data["amount_op"] = "lte"
    elif high is None:
        data["amount_op"] = "gte"
    elif low != high:
        data["amount_op"], data["amount_to"] = "between", _written(high)


def _say_days(data: QueryDict, days: Days) -> None:
    preset, since, _time, until, _until_time = PERIOD
    if days.preset:
        data[preset] = days.preset
        return
    data[preset] = CUSTOM
    if days.first:
        data[since] = days.first.isoformat()
    if days.last:
        data[until] = days.last.isoformat()


def _written(amount: Money) -> str:
    return format_amount(amount, locale=current_locale())
