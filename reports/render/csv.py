"""Rows of a file that spreadsheets open: RFC 4180, and no text is taken for a formula (OWASP ASVS 1.2.10)."""

import csv
import io
from collections.abc import Sequence

# Also as full-width signs, which spreadsheets take for the same.
_FORMULA = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
_UNSEEN = " \ufeff\u00a0"


def csv_row(cells: Sequence[str | int | None]) -> bytes:
    """One line in UTF-8. Whole numbers are written as numbers, None as an empty cell."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        [text_cell(each) if isinstance(each, str) else each for each in cells]
    )
    return line.getvalue().encode()


def text_cell(text: str) -> str:
    """The text with a quotation mark in front where a spreadsheet would reckon it; without NUL, which ends texts."""
    risky = text.lstrip(_UNSEEN).startswith(_FORMULA)
    return ("'" if risky else "") + text.replace("\0", "\ufffd")
