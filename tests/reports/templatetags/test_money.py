"""Amounts on pages: one test a rule of the money section of the design."""

import re

import pytest
from django.template import Context, Template
from django.utils import translation

from billing.money import parse


def shown(source: str, **context) -> str:
    return Template(source).render(Context(context))


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123450, "USD", "1,234.50 USD"),
        (1235, "JPY", "1,235 JPY"),
        (1230, "KWD", "1.230 KWD"),
        (10000, "ISK", "100.00 ISK"),
        (5, "EUR", "0.05 EUR"),
        (123456789012, "UGX", "123,456,789,012 UGX"),
    ],
)
def test_decimals_come_from_our_own_table_never_from_cldr(minor, currency, text):
    assert words(shown("{% money minor currency %}", minor=minor, currency=currency)) == text


def test_number_then_muted_code_in_a_left_to_right_island():
    html = shown("{% money 4200 'EUR' %}")
    assert html == '<bdi dir="ltr" class="cf-money">42.00 <span class="cf-money-code">EUR</span></bdi>'


def test_negative_has_a_real_minus_sign():
    assert words(shown("{% money -123450 'EUR' %}")) == "−1,234.50 EUR"


def test_signed_marks_gains_too_and_leaves_zero_alone():
    assert words(shown("{% money 100 'EUR' signed=True %}")) == "+1.00 EUR"
    assert words(shown("{% money 0 'EUR' signed=True %}")) == "0.00 EUR"


def test_nothing_known_is_a_dash_that_is_read_out():
    html = shown("{% money minor 'EUR' %}", minor=None)
    assert '<span aria-hidden="true">—</span>' in html
    assert '<span class="visually-hidden">not available</span>' in html


@pytest.mark.parametrize("tag", ["money", "money_symbol", "money_plain"])
def test_a_number_of_no_currency_is_no_amount(tag):
    assert words(shown(f"{{% {tag} 0 '' %}}")).endswith("not available")


def test_zero_is_an_amount():
    assert words(shown("{% money 0 'EUR' %}")) == "0.00 EUR"
    assert words(shown("{% money 0 'JPY' %}")) == "0 JPY"


def test_code_can_stand_in_the_header_instead():
    assert words(shown("{% money 123450 'EUR' code=False %}")) == "1,234.50"


def test_muted_is_a_class_and_no_other_text():
    assert 'class="cf-money cf-money-muted"' in shown("{% money 100 'EUR' muted=True %}")


def test_symbol_names_the_country_where_a_sign_is_ambiguous():
    assert words(shown("{% money_symbol 123450 'USD' %}")) == "US$1,234.50"
    assert words(shown("{% money_symbol -5 'CAD' %}")) == "−CA$0.05"
    with translation.override("fr"):
        assert words(shown("{% money_symbol -123450 'USD' %}")) == "−1\u202f234,50\u00a0$US"


@pytest.mark.parametrize("language", ["ar", "he", "fa", "de", "fr", "en-in"])
def test_digits_stay_latin_and_no_invisible_marks_slip_in(language):
    with translation.override(language):
        text = words(shown("{% money -123456789 'EUR' %}"))
    assert re.fullmatch(r"−[0-9]", text[:2])
    assert not re.search("[\u200e\u200f\u061c]", text)
    assert re.sub(r"\D", "", text) == "123456789"


def test_symbols_of_right_to_left_languages_bring_no_invisible_marks():
    with translation.override("ar-eg"):
        assert shown("{% money_symbol 5 'EGP' %}") == '<bdi dir="ltr" class="cf-money">0.05\u00a0ج.م.</bdi>'


@pytest.mark.parametrize(("language", "text"), [("ar", "\u2066−5.00 EUR\u2069"), ("fr", "−5,00 EUR")])
def test_a_sentence_from_right_to_left_holds_an_amount_together(language, text):
    with translation.override(language):
        assert shown("{% money_plain -500 'EUR' %}") == text
        assert parse(text.removesuffix("\u2069").removesuffix(" EUR"), "EUR", language).minor == -500


def test_separators_follow_the_language_of_the_page():
    with translation.override("de"):
        assert words(shown("{% money 123450 'EUR' %}")) == "1.234,50 EUR"


def test_counts_are_grouped_like_amounts():
    assert shown("{% number 1284 %}") == "1,284"
    assert shown("{% number none %}", none=None).startswith('<span aria-hidden="true">—')


def test_currency_of_a_stranger_is_escaped_or_refused():
    with pytest.raises(ValueError, match="three capital letters"):
        shown("{% money 1 code %}", code="<b>")
