"""The one spelling of a tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tags.models import LONGEST
from billing.tags.word import TagMalformed, tidy


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (" Expedition ", "expedition"),
        ("#VIP", "vip"),
        ("check-again", "check-again"),
        ("2026_11.b", "2026_11.b"),
        ("ÉTÉ", "été"),
        ("ＶＩＰ", "vip"),
        ("東京", "東京"),
        ("x" * LONGEST, "x" * LONGEST),
    ],
)
def test_a_tag_is_one_word_in_small_letters(typed, word):
    assert tidy(typed) == word


@pytest.mark.parametrize(
    "typed", ["", " ", "two words", "a,b", "-a", "a-", "a--b", "<b>", "a\u202eb", "a\x00", "#", "x" * (LONGEST + 1)]
)
def test_anything_else_is_refused(typed):
    with pytest.raises(TagMalformed):
        tidy(typed)


@given(st.text(max_size=40))
def test_a_spelling_is_spelt_like_itself(typed):
    try:
        word = tidy(typed)
    except TagMalformed:
        return
    assert tidy(word) == word
    assert word == word.lower()
