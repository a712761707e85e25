"""Amounts on pages and in documents."""

from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi, gettext, to_locale

from billing.money import DEFAULT_LOCALE, MINUS_SIGN, Money, format_amount, format_count, format_with_symbol

register = template.Library()
# What <bdi dir="ltr"> is to markup.
_ISOLATED, _ISOLATED_END = "\u2066", "\u2069"


def current_locale() -> str:
    """Babel's name for the language of the page; British English for one that Babel does not know."""
    return _locale_of(get_language() or "")


# A page asks for each of its amounts.
@lru_cache(maxsize=16)
def _locale_of(language: str) -> str:
    try:
        return str(Locale.parse(to_locale(language)))
    except (UnknownLocaleError, ValueError):
        return DEFAULT_LOCALE


def not_available() -> SafeString:
    return format_html(
        '<span aria-hidden="true">—</span><span class="visually-hidden">{}</span>', gettext("not available")
    )


def amount_text(minor: int, currency: str, *, signed: bool = False) -> str:
    """``−1,234.50`` with the separators of the page's language; ``signed`` marks gains with a plus, for differences."""
    text = format_amount(Money(minor, currency), locale=current_locale(), minus=MINUS_SIGN)
    return f"+{text}" if signed and minor > 0 else text


@register.simple_tag
def money(minor: int | None, currency: str, signed: bool = False, muted: bool = False, code: bool = True) -> SafeString:
    """Number then code, for tables and running text. ``code=False`` where the header names the currency. A number of
    no currency is no amount."""
    if minor is None or not currency:
        return not_available()
    return format_html(
        '<bdi dir="ltr" class="cf-money{}">{}{}</bdi>',
        " cf-money-muted" if muted else "",
        amount_text(minor, currency, signed=signed),
        format_html(' <span class="cf-money-code">{}</span>', currency) if code else "",
    )


@register.simple_tag
def money_symbol(minor: int | None, currency: str) -> SafeString:
    """With the currency's symbol (``US$1,234.50``), for cards and documents of one currency only."""
    if minor is None or not currency:
        return not_available()
    text = format_with_symbol(Money(minor, currency), locale=current_locale(), minus=MINUS_SIGN)
    return format_html('<bdi dir="ltr" class="cf-money">{}</bdi>', text)


@register.simple_tag
def money_plain(minor: int | None, currency: str) -> str:
    """``1,234.50 USD`` without markup: titles, labels, sentences. Among words from right to left it holds together."""
    if minor is None or not currency:
        return gettext("not available")
    text = f"{amount_text(minor, currency)} {currency}"
    return f"{_ISOLATED}{text}{_ISOLATED_END}" if get_language_bidi() else text


@register.simple_tag
def number(value: int | None) -> SafeString | str:
    """A count with the page's group separators."""
    if value is None:
        return not_available()
    return format_count(int(value), locale=current_locale(), minus=MINUS_SIGN)
