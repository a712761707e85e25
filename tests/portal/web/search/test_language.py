"""The terms of a search: whatever is typed is read, and reads the same when it is written again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.search.language import Term, parse, write

PIECES = st.sampled_from(
    [*' -":\t\u2003\x00', "status:", "-date:", "20 Nov", "2026", "4242", '"Lena', 'a"b', "ID_1", "date:3 may 2026", "é"]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
def test_whatever_is_typed_is_read_and_written_alike(text):
    terms = parse(text)
    assert parse(write(terms)) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("4242 19.90", [Term("", "4242"), Term("", "19.90")]),
        ("status:failed", [Term("status", "failed")]),
        ("STATUS:Failed", [Term("status", "Failed")]),
        ("-status:failed -AO", [Term("status", "failed", negated=True), Term("", "AO", negated=True)]),
        ('"Lena Vogt"', [Term("", "Lena Vogt", quoted=True)]),
        ('status:"partially refunded"', [Term("status", "partially refunded")]),
        ('"Lena V', [Term("", "Lena V", quoted=True)]),
        ("amount:>100", [Term("amount", ">100")]),
        ("status:", [Term("status", "")]),
        ("order_id:a:b", [Term("order_id", "a:b")]),
        ("-", [Term("", "-")]),
        ('""', []),
        ("a\x00b", [Term("", "a"), Term("", "b")]),
        ("date:20 Nov tent", [Term("date", "20 Nov"), Term("", "tent")]),
        ("date:20 Nov 2026", [Term("date", "20 Nov 2026")]),
        ("-date:Nov  2026", [Term("date", "Nov 2026", negated=True)]),
        ("date:20 tents", [Term("date", "20"), Term("", "tents")]),
    ],
)
def test_terms(text, terms):
    assert parse(text) == terms
