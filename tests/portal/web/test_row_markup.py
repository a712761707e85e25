"""Rows that are filled into a template's text, beside what the template itself makes of them."""

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from portal.web.row_markup import fill_row

ROW = "components/payments/row.html"
NAMES = (
    "public_id",
    "badge",
    "amount",
    "customer",
    "whole_customer",
    "title",
    "reference",
    "method",
    "card",
    "risk",
    "created",
)


@given(st.fixed_dictionaries({name: st.text(max_size=12) for name in NAMES}))
def test_a_row_is_what_its_template_says(cells):
    safe = {name: mark_safe(text) for name, text in cells.items()}
    assert fill_row(ROW, cells) == render_to_string(ROW, safe).strip("\n")


def test_signs_of_formatting_in_a_cell_are_text():
    cells = dict.fromkeys(NAMES, "100 %(amount)s {amount} \x00amount\x00")
    assert fill_row(ROW, cells).count("100 %(amount)s {amount} \x00amount\x00") == len(NAMES)


def test_words_of_the_template_are_in_the_language_of_the_page():
    english, french = [], []
    for _round in range(2):
        english.append(fill_row("components/panel_error.html", {"url": "/x/"}))
        with override("fr"):
            french.append(fill_row("components/panel_error.html", {"url": "/x/"}))
    assert all("Try again" in text for text in english)
    assert all("Réessayer" in text for text in french)
