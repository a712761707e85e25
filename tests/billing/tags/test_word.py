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
        ("जाँच", "जाँच"),
        ("ด่วน", "ด่วน"),
        ("عاجل", "عاجل"),
        ("J\u030cAR", "\u01f0ar"),
        ("x" * LONGEST, "x" * LONGEST),
    ],
)
def test_a_tag_is_one_word_in_small_letters(typed, word):
    assert tidy(typed) == word


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "two words", "a,b", "-a", "a-", "a--b", "<b>", "a\u202eb", "a\x00", "#", "x" * (LONGEST + 1)),
        # Marks without a letter, and what nobody sees.
        *("\u0301", "a-\u0301a", "a\u20dd", "\u3164", "a\ufe0f", "a\u034f", "a\u200d"),
    ],
)
def test_anything_else_is_refused(typed):
    with pytest.raises(TagMalformed):
        tidy(typed)


@given(st.one_of(st.text(max_size=40), st.text(st.characters(categories=["L", "M", "N"]), max_size=LONGEST)))
def test_a_spelling_is_spelt_like_itself(typed):
    try:
        word = tidy(typed)
    except TagMalformed:
        return
    assert tidy(word) == word
    assert word == word.lower()
