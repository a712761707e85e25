"""Shares and durations on pages and in documents: numbers that are no money."""

from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal
from django import template
from django.utils.translation import gettext

from reports.templatetags.money import current_locale

register = template.Library()


def tenths(value: float | Decimal) -> str:
    """``94.1`` with the decimal sign of the page's language."""
    return _tenths(value, current_locale())


# A page has one a day, and most days are the same.
@lru_cache(maxsize=2048)
def _tenths(value: float | Decimal, locale: str) -> str:
    return format_decimal(value, format="#,##0.0", locale=locale)


@register.simple_tag
def percent(value: float | Decimal) -> str:
    """``94.1 %``."""
    return gettext("%(number)s %%") % {"number": tenths(value)}
