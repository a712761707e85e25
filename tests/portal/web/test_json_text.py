"""What people may read of a processor's objects."""

import json
import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from portal.web.json_text import MOST_LINES, json_lines, redacted
from portal.web.masking import mask_email, mask_name

REDACTED = "•••• redacted"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_lines_are_the_same_json_and_carry_no_markup_of_their_own(value):
    text = "\n".join(json_lines(value))
    assert json.loads(unescape(re.sub(r"<span class=\"cf-code-\w+\">|</span>", "", text))) == value


def test_long_objects_end_with_a_word_about_it():
    lines = json_lines(list(range(MOST_LINES + 10)))
    assert len(lines) == MOST_LINES + 1
    assert "not shown" in lines[-1]


def test_secrets_go_for_everybody_and_people_where_asked():
    source = {
        "client_secret": "pi_1_secret_2",
        "receipt_email": "lena@vogt.example",
        "billing_details": {"name": "Lena", "phone": None, "address": {"city": "Ulm", "country": "DE"}},
        "metadata": {"note": "mail lena@vogt.example today", "order_id": "7"},
        "list": [{"email": "x@y.example"}],
        "amount": 5,
    }
    assert redacted(source, personal=False) == {**source, "client_secret": REDACTED}
    assert redacted(source, personal=True) == {
        "client_secret": REDACTED,
        "receipt_email": REDACTED,
        "billing_details": {"name": REDACTED, "phone": None, "address": {"city": REDACTED, "country": "DE"}},
        "metadata": {"note": f"mail {REDACTED} today", "order_id": "7"},
        "list": [{"email": REDACTED}],
        "amount": 5,
    }
    assert source["client_secret"] == "pi_1_secret_2"


def test_masks_tell_people_apart_and_not_who_they_are():
    assert mask_name("Lena Vogt") == "L•••• V••••"
    assert mask_name("") == ""
    assert mask_email("lena@vogt.example") == "l••••@v••••"
    assert mask_email("") == ""
    assert mask_email("nonsense") == "n••••"


def test_words_of_a_known_name_are_taken_out_and_parts_of_words_are_not():
    value = {"note": "Lena Vogt and lena's dog Vogtland, Al", "lines": ["VOGT"]}
    shown = redacted(value, personal=True, names=["Lena Vogt", "Al"])
    assert shown == {"note": f"{REDACTED} and {REDACTED}'s dog Vogtland, Al", "lines": [REDACTED]}
    assert redacted(value, personal=False, names=["Lena Vogt"]) == value
    assert redacted("(.*)", personal=True, names=["(.*", ""]) == f"{REDACTED})"
