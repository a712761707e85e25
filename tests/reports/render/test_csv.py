"""Cells of files that spreadsheets open."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.render.csv import csv_row, text_cell

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "\0x",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\ufeff=1",
    "\u00a0-1",
]


def read(line):
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""))
    return cells


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_taken_for_a_formula(text):
    assert text_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["", "plain", "a=b", "a\n=b", "1-2", 'Zoë, "x"', "pay_1"])
def test_other_texts_stay(text):
    assert text_cell(text) == text
    assert read(csv_row([text, "end"])) == [text, "end"]


def test_numbers_are_numbers_and_nothing_is_empty():
    assert csv_row([-5, 1234567, None, "-5"]) == b"-5,1234567,,'-5\r\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_cells_read_back_as_they_were_written(cells):
    written = [text_cell(cell) for cell in cells]
    assert read(csv_row(cells)) == written
    for cell, text in zip(cells, written, strict=True):
        assert text.removeprefix("'") == cell.replace("\0", "\ufffd").removeprefix("'")
        assert text.lstrip(" \u00a0\ufeff")[:1] not in tuple("=+-@\t\r\n\0＝＋－＠")
