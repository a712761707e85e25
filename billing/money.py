"""Money as integer minor units of one currency. There is no float on any path through this module."""

import re
import string
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, total_ordering

from babel.core import Locale
from babel.numbers import format_compact_decimal, get_currency_symbol, get_decimal_symbol, get_group_symbol

HYPHEN = "-"
MINUS_SIGN = "\u2212"
DEFAULT_LOCALE = "en_GB"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Digits after the decimal point. Never CLDR's table: it says 0 for ISK, RSD, ALL and others that processors count in
# hundredths. What a single processor does otherwise (UGX sent times 100) is undone in its adapter.
_ZERO_DECIMALS = _codes("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF")
_THREE_DECIMALS = _codes("BHD JOD KWD OMR TND")

# ISO 4217 codes that people may choose or type. IQD and LYD are left out: ISO gives them three decimals, processors
# two, and a wrong guess moves the point.
KNOWN_CURRENCIES = _codes(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """
)

_LARGEST = 2**63 - 1
_WELL_FORMED = re.compile(r"[A-Z]{3}", re.ASCII)
_SPACES = "\u0020\u00a0\u202f\u2009"
_NO_BREAK_SPACE = "\u00a0"
_APOSTROPHES = "'\u2019"
# Come along when an amount is copied out of right-to-left text.
_DIRECTION_MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
_AROUND = string.whitespace + _SPACES + _DIRECTION_MARKS
_MINUS_SIGNS = (HYPHEN, MINUS_SIGN, "\uff0d")
# Digits of Arabic and Persian have separators of their own, which mean the same everywhere; those of full width mean
# what the narrow ones mean to the locale.
_ARABIC_ZEROS = {0x0660, 0x06F0}
_ARABIC_POINT, _ARABIC_GROUP = "\u066b", "\u066c"
_FULL_WIDTH_ZERO = 0xFF10
_NARROW = str.maketrans("\uff0c\uff0e", ",.")


class CurrencyMalformed(ValueError):
    """A currency that is not three capital letters."""


class CurrencyUnknown(ValueError):
    """Three capital letters that name no currency people can choose here."""


class CurrenciesDiffer(ValueError):
    """An operation on amounts of two currencies."""


class AmountMalformed(ValueError):
    """Text that is no amount in the given locale, or could be read as two different ones."""


class AmountTooPrecise(AmountMalformed):
    """More digits after the decimal sign than the currency has."""


class AmountTooLarge(AmountMalformed):
    """More than the database can hold (2**63 - 1 minor units)."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` units (cents, yen, fils) of ``currency``, three capital letters.

    A well-formed code outside KNOWN_CURRENCIES is kept: what a processor already took must be shown, never refused.
    Raises TypeError for a minor that is no int, CurrencyMalformed for anything but three capital letters.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same_currency(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same_currency(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise TypeError("money is multiplied by whole numbers only")
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same_currency(other)

    def __str__(self) -> str:
        return f"{format_amount(self, grouped=False)} {self.currency}"

    @property
    def major(self) -> Decimal:
        """In whole units: 10.50 for 1050 cents. Rates are between these."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def permille_of(self, whole: "Money") -> int:
        """In thousandths of ``whole``, half up. Raises CurrenciesDiffer, and ZeroDivisionError of nothing."""
        over = self._same_currency(whole)
        return (2 * self.minor * 1000 + over) // (2 * over)

    def _same_currency(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money meets money only, not {type(other).__name__}")
        if other.currency != self.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency} cannot be mixed.")
        return other.minor


def has_decimals(currency: str) -> bool:
    """Whether amounts of it are typed with a decimal sign at times. Raises CurrencyMalformed."""
    return exponent(currency) > 0


def exponent(currency: str) -> int:
    """Digits after the decimal sign. Raises CurrencyMalformed."""
    if not isinstance(currency, str) or not _WELL_FORMED.fullmatch(currency):
        raise CurrencyMalformed(f"{currency!r} is not a currency code of three capital letters.")
    if currency in _ZERO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def known_currency(currency: str) -> str:
    """The code itself when people may choose it. Raises CurrencyMalformed, CurrencyUnknown."""
    exponent(currency)
    if currency not in KNOWN_CURRENCIES:
        raise CurrencyUnknown(f"{currency} is not a currency that Counterfoil knows.")
    return currency


def format_amount(money: Money, *, locale: str = DEFAULT_LOCALE, minus: str = HYPHEN, grouped: bool = True) -> str:
    """The major amount without its code: ``1,234.50``. Pass MINUS_SIGN for pages, HYPHEN for files.

    Digits are always 0-9; the locale gives separators only. Ungrouped amounts are for machines: the point is ``.``.
    """
    return _written(money.minor, exponent(money.currency), _marks(locale) if grouped else None, minus)


def format_count(number: int, *, locale: str = DEFAULT_LOCALE, minus: str = HYPHEN) -> str:
    """A number of things, grouped as amounts are: ``1,284``."""
    return _written(number, 0, _marks(locale), minus)


def format_with_symbol(money: Money, *, locale: str = DEFAULT_LOCALE, minus: str = HYPHEN) -> str:
    """``US$1,234.50``, or ``1 234,50 $US`` where the locale puts the symbol last. Without the marks of direction that
    Babel puts into symbols of right-to-left languages."""
    parsed = _parsed(locale)
    symbol = get_currency_symbol(money.currency, parsed).strip(_DIRECTION_MARKS)
    before = parsed.currency_formats["standard"].prefix[0].strip(_DIRECTION_MARKS)
    amount, sign = format_amount(abs(money), locale=locale), minus if money.minor < 0 else ""
    if before:
        space = _NO_BREAK_SPACE if symbol[-1:].isalpha() or len(before) > 1 else ""
        return f"{sign}{symbol}{space}{amount}"
    return f"{sign}{amount}{_NO_BREAK_SPACE}{symbol}"


def format_compact(money: Money, *, locale: str = DEFAULT_LOCALE, minus: str = HYPHEN) -> str:
    """``20K``, rounded to a tenth: for an axis, where there is no room for more."""
    text = format_compact_decimal(abs(money).major, format_type="short", locale=locale, fraction_digits=1)
    return f"{minus}{text}" if money.minor < 0 else text


def between_whole_units(rate: Decimal, source: str, target: str) -> Decimal:
    """A rate from minor units of one currency to minor units of another, as one between their whole units."""
    return rate.scaleb(exponent(source) - exponent(target))


def parse(text: str, currency: str, locale: str = DEFAULT_LOCALE) -> Money:
    """The amount a person typed, by the separators of ``locale``; a leading minus is understood.

    Digits and separators may be those of another script, as far as these mean one thing only. Anything that two people
    could read differently is refused: grouping in other places than the locale's, leading zeros, digits of two scripts.
    Raises CurrencyUnknown, AmountMalformed, AmountTooPrecise, AmountTooLarge.
    """
    return parse_part(text, known_currency(currency), locale)


def parse_part(text: str, currency: str, locale: str = DEFAULT_LOCALE) -> Money:
    """As parse(), of an amount that is there already and keeps its currency, known here or not: with the decimals that
    it is shown with. Raises CurrencyMalformed, AmountMalformed, AmountTooPrecise, AmountTooLarge."""
    digits = exponent(currency)
    marks = _marks(locale)
    sign, typed = _sign(text.strip(_AROUND))
    plain = _in_ascii(typed, marks)
    if plain is None:
        raise AmountMalformed(f"Write an amount with the digits of one script, such as {_example(currency, locale)}.")
    integer, point, fraction = plain.partition(marks.point)
    integer = _ungroup(integer, marks)
    if not _is_digits(integer) or (point and not _is_digits(fraction)):
        raise AmountMalformed(f"Enter an amount such as {_example(currency, locale)}.")
    if len(integer) > 1 and integer.startswith("0"):
        raise AmountMalformed(f"Enter an amount without zeros in front, such as {_example(currency, locale)}.")
    if len(fraction) > digits:
        some = f"{currency} has at most {digits} decimal places."
        raise AmountTooPrecise(some if digits else f"{currency} has no decimal places.")
    # int() refuses very long texts by an error of its own.
    minor = int(integer + fraction.ljust(digits, "0")) if len(integer) <= len(str(_LARGEST)) else _LARGEST + 1
    if minor > _LARGEST:
        raise AmountTooLarge(f"Enter an amount of at most {format_amount(Money(_LARGEST, currency), locale=locale)}.")
    return Money(sign * minor, currency)


def _written(minor: int, digits: int, marks: "_Marks | None", minus: str) -> str:
    whole, fraction = divmod(abs(minor), 10**digits)
    integer, point = (_group(str(whole), marks.group, marks), marks.point) if marks else (str(whole), ".")
    sign = minus if minor < 0 else ""
    return f"{sign}{integer}" + (f"{point}{fraction:0{digits}d}" if digits else "")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _example(currency: str, locale: str) -> str:
    return format_amount(Money(12345 * 10 ** exponent(currency) // 10, currency), locale=locale)


def _sign(text: str) -> tuple[int, str]:
    """1 or -1, and the text behind the sign, which stands in marks of its own in right-to-left text."""
    if text[:1] in _MINUS_SIGNS:
        return -1, text[1:].lstrip(_DIRECTION_MARKS)
    return 1, text


def _in_ascii(text: str, marks: "_Marks") -> str | None:
    """The text with digits and separators of one script, such as Arabic-Indic, as 0-9 and those of the locale; None
    where digits of several stand."""
    zeros = {ord(char) - unicodedata.decimal(char) for char in text if char.isdecimal()}
    if len(zeros) > 1:
        return None
    plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    if zeros <= _ARABIC_ZEROS:
        plain = plain.replace(_ARABIC_POINT, marks.point).replace(_ARABIC_GROUP, marks.group)
    return plain.translate(_NARROW) if zeros == {_FULL_WIDTH_ZERO} else plain


@dataclass(frozen=True, slots=True)
class _Marks:
    """A locale's separators, and how many digits its last group and those before it have (India: 3 and 2)."""

    point: str
    group: str
    last_size: int
    other_size: int


def _parsed(locale: str) -> Locale:
    return Locale.parse(locale.replace("-", "_"))


@lru_cache(maxsize=64)
def _marks(locale: str) -> _Marks:
    parsed = _parsed(locale)
    return _Marks(get_decimal_symbol(parsed), get_group_symbol(parsed), *parsed.decimal_formats[None].grouping)


def _group(integer: str, symbol: str, marks: _Marks) -> str:
    groups = [integer[-marks.last_size :]]
    rest = integer[: -marks.last_size]
    while rest:
        groups.insert(0, rest[-marks.other_size :])
        rest = rest[: -marks.other_size]
    return symbol.join(groups)


def _ungroup(integer: str, marks: _Marks) -> str:
    """Without group separators when every one of them stands where the locale puts it; else unchanged."""
    # Keyboards have neither the narrow space of French nor the curly apostrophe of Swiss German.
    family = next((chars for chars in (_SPACES, _APOSTROPHES) if marks.group in chars), marks.group)
    bare = "".join(char for char in integer if char not in family)
    used = {char for char in integer if char in family}
    if len(used) != 1 or not _is_digits(bare):
        return integer
    return bare if integer == _group(bare, used.pop(), marks) else integer
