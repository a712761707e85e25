import re
from decimal import Decimal

import pytest
from babel.localedata import locale_identifiers
from babel.numbers import get_decimal_symbol, get_group_symbol
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.money import (
    KNOWN_CURRENCIES,
    MINUS_SIGN,
    AmountMalformed,
    AmountTooLarge,
    AmountTooPrecise,
    CurrenciesDiffer,
    CurrencyMalformed,
    CurrencyUnknown,
    Money,
    between_whole_units,
    exponent,
    format_amount,
    format_compact,
    format_count,
    format_with_symbol,
    known_currency,
    parse,
    parse_part,
)

LOCALES = ["en_GB", "en_IN", "de_DE", "de_CH", "fr_FR", "es_ES", "pl_PL", "sv_SE", "ar_EG", "he_IL", "hi_IN", "fa_IR"]
# Babel reads the data of one when it is first asked for it, which takes its time.
EVERY_LOCALE = sorted(locale_identifiers())
MINORS = st.integers(min_value=-(2**63 - 1), max_value=2**63 - 1)
CURRENCIES = st.sampled_from(sorted(KNOWN_CURRENCIES))


@pytest.mark.parametrize(
    "currency",
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"],
)
def test_currencies_without_decimals(currency: str) -> None:
    assert exponent(currency) == 0
    assert format_amount(Money(1235, currency)) == "1,235"


@pytest.mark.parametrize("currency", ["BHD", "JOD", "KWD", "OMR", "TND"])
def test_currencies_with_three_decimals(currency: str) -> None:
    assert exponent(currency) == 3
    assert format_amount(Money(1230, currency)) == "1.230"


@pytest.mark.parametrize(
    "currency",
    ["EUR", "USD", "GBP", "ISK", "RSD", "ALL", "LAK", "LBP", "MMK", "YER", "SOS", "AFN", "HUF", "TWD", "KES", "XYZ"],
)
def test_every_other_currency_has_two_whatever_cldr_says(currency: str) -> None:
    assert exponent(currency) == 2
    assert format_amount(Money(10000, currency)) == "100.00"


@pytest.mark.parametrize("currency", ["", "eur", "EU", "EURO", "E1R", "ЕUR", "EUR\n", " EUR", None, 978])
def test_a_malformed_currency_is_refused(currency: object) -> None:
    with pytest.raises(CurrencyMalformed):
        Money(1, currency)  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["XYZ", "XTS", "XXX", "XAU", "IQD", "LYD", "DEM"])
def test_people_may_choose_known_currencies_only(currency: str) -> None:
    with pytest.raises(CurrencyUnknown, match=currency):
        known_currency(currency)
    assert str(Money(150, currency)) == f"1.50 {currency}"


@pytest.mark.parametrize("minor", [1.0, "1", True, None])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


def test_arithmetic_stays_in_one_currency() -> None:
    assert Money(150, "EUR") + Money(50, "EUR") == Money(200, "EUR")
    assert Money(150, "EUR") - Money(200, "EUR") == Money(-50, "EUR")
    assert -Money(150, "EUR") == Money(-150, "EUR")
    assert abs(Money(-150, "EUR")) == Money(150, "EUR")
    assert Money(150, "EUR") * 3 == Money(450, "EUR")
    assert Money(1, "EUR") < Money(2, "EUR") <= Money(2, "EUR")
    assert Money(3, "EUR") > Money(2, "EUR") >= Money(2, "EUR")
    assert Money(1, "EUR") != Money(1, "USD")
    assert len({Money(1, "EUR"), Money(1, "EUR"), Money(1, "USD")}) == 2


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__gt__", "__le__", "__ge__"])
def test_two_currencies_never_meet(operation: str) -> None:
    with pytest.raises(CurrenciesDiffer, match="EUR and USD"):
        getattr(Money(1, "EUR"), operation)(Money(1, "USD"))


@pytest.mark.parametrize("other", [1, 1.5, "1", None])
def test_money_meets_money_only(other: object) -> None:
    with pytest.raises(TypeError):
        Money(1, "EUR") + other  # type: ignore[operator]
    with pytest.raises(TypeError):
        Money(1, "EUR") < other  # type: ignore[operator]  # noqa: B015


@pytest.mark.parametrize("factor", [1.5, True, "2", Money(2, "EUR")])
def test_money_is_multiplied_by_whole_numbers_only(factor: object) -> None:
    with pytest.raises(TypeError):
        Money(1, "EUR") * factor  # type: ignore[operator]


def test_money_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Money(1, "EUR").minor = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (123450, "USD", "en_GB", "1,234.50"),
        (0, "USD", "en_GB", "0.00"),
        (5, "USD", "en_GB", "0.05"),
        (-5, "USD", "en_GB", "-0.05"),
        (-123450, "USD", "en_GB", "-1,234.50"),
        (123450, "USD", "de_DE", "1.234,50"),
        (123450, "USD", "fr_FR", "1\u202f234,50"),
        (123450, "CHF", "de_CH", "1\u2019234.50"),
        (1234567890, "INR", "en_IN", "1,23,45,678.90"),
        (123456789, "EUR", "ar_EG", "1,234,567.89"),
        (100000, "ISK", "is_IS", "1.000,00"),
        (123450, "USD", "en-gb", "1,234.50"),
    ],
)
def test_amounts_are_shown_with_the_locales_separators(minor: int, currency: str, locale: str, text: str) -> None:
    assert format_amount(Money(minor, currency), locale=locale) == text


def test_pages_show_a_true_minus_sign() -> None:
    assert format_amount(Money(-123450, "USD"), minus=MINUS_SIGN) == "−1,234.50"


def test_files_hold_plain_amounts_in_every_locale() -> None:
    assert format_amount(Money(-123450, "USD"), locale="de_DE", grouped=False) == "-1234.50"
    assert str(Money(-1234567, "KWD")) == "-1234.567 KWD"


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(123450, "USD"), "en_GB", "US$1,234.50"),
        (Money(-5, "CAD"), "en_GB", "-CA$0.05"),
        (Money(123450, "KES"), "en_GB", "KES\u00a01,234.50"),
        (Money(-123450, "USD"), "fr_FR", "-1\u202f234,50\u00a0$US"),
        (Money(500, "JPY"), "en_GB", "JP¥500"),
        (Money(123450, "EUR"), "nl_NL", "€\u00a01.234,50"),
        (Money(123450, "EGP"), "ar_EG", "1,234.50\u00a0\u062c.\u0645."),
    ],
)
def test_a_symbol_stands_where_the_locale_puts_it(money: Money, locale: str, text: str) -> None:
    assert format_with_symbol(money, locale=locale) == text


@settings(deadline=None)
@given(MINORS, CURRENCIES, st.sampled_from(EVERY_LOCALE))
def test_no_invisible_mark_slips_in(minor: int, currency: str, locale: str) -> None:
    money = Money(minor, currency)
    shown = format_amount(money, locale=locale), format_with_symbol(money, locale=locale)
    assert not re.search("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]", "".join(shown))
    assert all(re.sub("[^0-9]", "", text) == f"{abs(minor):0{exponent(currency) + 1}d}" for text in shown)


def test_an_axis_has_short_amounts() -> None:
    assert format_compact(Money(2_000_000, "EUR")) == "20K"
    assert format_compact(Money(-1_250_000, "EUR"), minus=MINUS_SIGN) == "−12.5K"
    assert format_compact(Money(2_000_000, "JPY")) == "2M"
    assert format_compact(Money(0, "KWD")) == "0"


def test_things_are_counted_with_the_same_separators() -> None:
    assert format_count(1284) == "1,284"
    assert format_count(-1284, locale="de_DE", minus=MINUS_SIGN) == "−1.284"


@pytest.mark.parametrize(("part", "whole", "permille"), [(29, 1000, 29), (1, 2000, 1), (1, 2001, 0), (-5, 1000, -5)])
def test_a_share_is_counted_in_thousandths_half_up(part: int, whole: int, permille: int) -> None:
    assert Money(part, "EUR").permille_of(Money(whole, "EUR")) == permille
    with pytest.raises(CurrenciesDiffer):
        Money(part, "EUR").permille_of(Money(whole, "USD"))


def test_rates_are_between_whole_units() -> None:
    assert Money(1050, "EUR").major == Decimal("10.50")
    assert Money(-1, "KWD").major == Decimal("-0.001")
    assert Money(500, "JPY").major == 500
    assert between_whole_units(Decimal("0.61"), "JPY", "USD") == Decimal("0.0061")
    assert between_whole_units(Decimal("0.3"), "KWD", "JPY") == 300


@settings(deadline=None)
@given(MINORS, CURRENCIES, st.sampled_from(EVERY_LOCALE))
def test_what_is_shown_reads_back(minor: int, currency: str, locale: str) -> None:
    money = Money(minor, currency)
    assert parse(format_amount(money, locale=locale), currency, locale) == money
    assert parse(format_amount(money, locale=locale, minus=MINUS_SIGN), currency, locale) == money


@given(MINORS, CURRENCIES)
def test_plain_amounts_are_plain(minor: int, currency: str) -> None:
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", format_amount(Money(minor, currency), grouped=False))


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("10.5", "USD", "en_GB", 1050),
        ("10,50", "EUR", "de_DE", 1050),
        ("10", "USD", "en_GB", 1000),
        (" 10.50\n", "USD", "en_GB", 1050),
        ("0.5", "USD", "en_GB", 50),
        ("0", "USD", "en_GB", 0),
        ("1,234.50", "USD", "en_GB", 123450),
        ("1234.50", "USD", "en_GB", 123450),
        ("1.234,50", "EUR", "de_DE", 123450),
        ("1,000", "USD", "en_GB", 100000),
        ("1.000", "EUR", "de_DE", 100000),
        ("1.000", "KWD", "en_GB", 1000),
        ("1 234,50", "EUR", "fr_FR", 123450),
        ("1\u00a0234,50", "EUR", "fr_FR", 123450),
        ("1'234.50", "CHF", "de_CH", 123450),
        ("1,23,456.00", "INR", "en_IN", 12345600),
        ("500", "JPY", "en_GB", 500),
        ("-10.50", "USD", "en_GB", -1050),
        ("\u221210.50", "USD", "en_GB", -1050),
        ("\u0661\u0662.\u0665", "EGP", "ar_EG", 1250),
        ("\u200f12.50\u200e", "ILS", "he_IL", 1250),
        ("\uff11\uff12", "JPY", "ja_JP", 12),
        ("\uff0d\uff11\uff0c\uff12\uff13\uff14\uff0e\uff15", "USD", "ja_JP", -123450),
        ("\uff11\uff0e\uff12\uff13\uff14\uff0c\uff15", "EUR", "de_DE", 123450),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665\u0660", "EGP", "ar_EG", 123450),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665\u0660", "EUR", "fr_FR", 123450),
        ("\u06f1\u066c\u06f2\u06f3\u06f4\u066b\u06f5", "EUR", "fa_IR", 123450),
        ("\u0967,\u0968\u0969,\u096a\u096b\u096c.\u096d", "INR", "hi_IN", 12345670),
        ("\u00a01\u202f234,50\u00a0", "EUR", "fr_FR", 123450),
        ("\u200e-\u200e12.50\u200e", "ILS", "he_IL", -1250),
        ("\u061c\u221212.50", "EGP", "ar_EG", -1250),
        ("\u202b12.50\u202c", "EGP", "ar_EG", 1250),
        ("\u2066-12.50\u2069", "EGP", "ar_EG", -1250),
        ("92233720368547758.07", "USD", "en_GB", 2**63 - 1),
    ],
)
def test_what_people_type(text: str, currency: str, locale: str, minor: int) -> None:
    assert parse(text, currency, locale) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "locale"),
    [
        ("", "USD", "en_GB"),
        ("   ", "USD", "en_GB"),
        ("-", "USD", "en_GB"),
        (".", "USD", "en_GB"),
        (".5", "USD", "en_GB"),
        ("5.", "USD", "en_GB"),
        ("--5", "USD", "en_GB"),
        ("+5", "USD", "en_GB"),
        ("5-", "USD", "en_GB"),
        ("(5)", "USD", "en_GB"),
        ("$5", "USD", "en_GB"),
        ("5 USD", "USD", "en_GB"),
        ("1e3", "USD", "en_GB"),
        ("0x10", "USD", "en_GB"),
        ("1_000", "USD", "en_GB"),
        ("NaN", "USD", "en_GB"),
        ("Infinity", "USD", "en_GB"),
        ("10,50", "USD", "en_GB"),
        ("10.50", "EUR", "de_DE"),
        ("1,23", "USD", "en_GB"),
        ("12,34.50", "USD", "en_GB"),
        ("1,2345", "USD", "en_GB"),
        ("1234,567", "USD", "en_GB"),
        (",123", "USD", "en_GB"),
        ("1,,234", "USD", "en_GB"),
        ("1,234,", "USD", "en_GB"),
        ("1,234,56", "USD", "en_GB"),
        ("1.234.50", "USD", "en_GB"),
        ("1.2.3", "USD", "en_GB"),
        ("1.2,3", "USD", "en_GB"),
        ("1 234", "USD", "en_GB"),
        ("1 234\u202f567", "EUR", "fr_FR"),
        ("1,23,456", "USD", "en_GB"),
        ("123,456,789", "INR", "en_IN"),
        ("0,001", "USD", "en_GB"),
        ("007", "USD", "en_GB"),
        ("00", "USD", "en_GB"),
        ("1\u0662", "USD", "en_GB"),
        ("\u00b2", "USD", "en_GB"),
        ("1\u066b5", "EGP", "ar_EG"),
        ("\u06611\u066b5", "EGP", "ar_EG"),
        ("1\uff0e5", "USD", "ja_JP"),
        ("12\u200e34", "EGP", "ar_EG"),
        ("-\u2212 5", "USD", "en_GB"),
        ("\u0661\u066c\u0662", "EGP", "ar_EG"),
        ("\u2167", "USD", "en_GB"),
        ("\u5341", "CNY", "zh_CN"),
        ("1\u200b0", "USD", "en_GB"),
        ("1\x000", "USD", "en_GB"),
        ("10\n50", "USD", "en_GB"),
    ],
)
def test_what_could_be_misread_is_refused(text: str, currency: str, locale: str) -> None:
    with pytest.raises(AmountMalformed):
        parse(text, currency, locale)


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("10.505", "USD", "USD has at most 2 decimal places."),
        ("10.500", "USD", "USD has at most 2 decimal places."),
        ("1.0", "JPY", "JPY has no decimal places."),
        ("1.0000", "KWD", "KWD has at most 3 decimal places."),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str, sentence: str) -> None:
    with pytest.raises(AmountTooPrecise) as refused:
        parse(text, currency, "en_GB")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("text", ["92233720368547758.08", "9" * 30, "9" * 10_000, "-" + "9" * 30])
def test_amounts_beyond_the_database_are_refused(text: str) -> None:
    with pytest.raises(AmountTooLarge):
        parse(text, "USD", "en_GB")


@pytest.mark.parametrize(
    ("text", "currency", "locale", "sentence"),
    [
        ("ten", "EUR", "en_GB", "Enter an amount such as 1,234.50."),
        ("ten", "EUR", "de_DE", "Enter an amount such as 1.234,50."),
        ("ten", "JPY", "en_GB", "Enter an amount such as 1,234."),
        ("10.50", "EUR", "fr_FR", "Enter an amount such as 1\u202f234,50."),
        ("007", "EUR", "en_GB", "Enter an amount without zeros in front, such as 1,234.50."),
        ("1\u0662", "KWD", "en_GB", "Write an amount with the digits of one script, such as 1,234.500."),
        ("10.505", "USD", "en_GB", "USD has at most 2 decimal places."),
        ("10.5", "UGX", "en_GB", "UGX has no decimal places."),
        ("9" * 30, "EUR", "en_GB", "Enter an amount of at most 92,233,720,368,547,758.07."),
        ("9" * 30, "JPY", "de_DE", "Enter an amount of at most 9.223.372.036.854.775.807."),
    ],
)
def test_the_refusal_is_one_sentence_with_a_limit_or_an_example(
    text: str, currency: str, locale: str, sentence: str
) -> None:
    with pytest.raises(AmountMalformed) as refused:
        parse(text, currency, locale)
    assert str(refused.value) == sentence


def test_amounts_are_parsed_for_known_currencies_only() -> None:
    with pytest.raises(CurrencyUnknown):
        parse("1", "XYZ", "en_GB")
    assert parse_part("1.50", "XYZ", "en_GB") == Money(150, "XYZ")


# Digits of five scripts, every separator and sign that a locale has, and what comes along when people paste.
PASTED = st.text(
    "01290\u0660\u0661\u06f2\u0967\uff13.,'\u2019\u066b\u066c\uff0c\uff0e \u00a0\u202f-\u2212\u200e\u200fe+",
    max_size=12,
)


@settings(deadline=None)
@given(st.text(max_size=20) | PASTED, st.sampled_from(["USD", "JPY", "KWD"]), st.sampled_from(EVERY_LOCALE))
def test_any_text_is_an_amount_or_refused(text: str, currency: str, locale: str) -> None:
    try:
        money = parse(text, currency, locale)
    except AmountMalformed:
        return
    assert parse(format_amount(money, locale=locale), currency, locale) == money


@given(
    st.from_regex(r"[0-9]{1,4}([.,' \u00a0\u202f\u2019][0-9]{1,4}){0,3}", fullmatch=True),
    st.sampled_from(["USD", "JPY", "KWD"]),
    st.sampled_from(LOCALES),
)
def test_the_locale_alone_decides_which_separator_is_the_point(text: str, currency: str, locale: str) -> None:
    try:
        money = parse(text, currency, locale)
    except AmountMalformed:
        return
    whole, _point, fraction = text.partition(get_decimal_symbol(locale))
    group = get_group_symbol(locale)
    alike = next((family for family in (" \u00a0\u202f", "'\u2019") if group in family), group)
    assert not re.sub("[0-9]", "", whole).strip(alike)
    assert Decimal(f"{re.sub('[^0-9]', '', whole)}.{fraction or 0}") == money.major
