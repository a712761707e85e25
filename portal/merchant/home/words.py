"""How the home page says numbers."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from billing.money import MINUS_SIGN, Money, format_compact
from reports.templatetags.money import current_locale
from reports.templatetags.shares import tenths as unsigned_tenths

_TIMES = 10
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Change:
    """Against what was before: ``words`` is the difference, empty where there was nothing to compare with."""

    words: str
    before: str
    before_url: str


def tenths(value: Decimal, *, signed: bool = False) -> str:
    """``94.1``, or ``+0.6`` for a difference."""
    rounded = value.quantize(_TENTH)
    text = unsigned_tenths(abs(rounded))
    sign = MINUS_SIGN if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{text}"


def percent(value: Decimal, *, signed: bool = False) -> str:
    return gettext("%(number)s %%") % {"number": tenths(value, signed=signed)}


def share(part: int, whole: int) -> Decimal | None:
    """In percent; None of nothing."""
    return Decimal(100) * part / whole if whole else None


def growth(now: int, before: int) -> str:
    """In percent, signed; empty where there was so little before that a percentage says nothing."""
    if before <= 0 or now > _TIMES * before:
        return ""
    return percent(Decimal(100) * (now - before) / before, signed=True)


def compact(minor: int, currency: str) -> str:
    """``20K``, for an axis, where there is no room for more."""
    return format_compact(Money(minor, currency), locale=current_locale(), minus=MINUS_SIGN)
