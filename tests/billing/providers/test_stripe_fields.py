import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.fields import (
    clean,
    currency,
    currency_or_none,
    decimal,
    entries,
    metadata,
    minor,
    moment_or_none,
    payment_of,
    signed,
    small,
    within,
)


@pytest.mark.parametrize("value", [None, True, "100", 1.5, [], {}, 10**15, -(10**15)])
def test_what_is_no_amount_is_refused(value):
    for read in (minor, signed):
        with pytest.raises(UnreadableObject, match="fee is not an amount"):
            read({"fee": value}, "fee", "EUR")


def test_only_signed_amounts_may_be_negative():
    assert signed({"net": -6200}, "net", "EUR") == -6200
    with pytest.raises(UnreadableObject):
        minor({"net": -1}, "net", "EUR")


def test_a_default_stands_for_what_is_absent_and_not_for_nonsense():
    assert signed({"fee": None}, "fee", "EUR", 0) == 0
    assert signed({"fee": None}, "fee", "UGX", 250) == 250
    with pytest.raises(UnreadableObject):
        signed({"fee": "free"}, "fee", "EUR", 0)


def test_amounts_are_read_as_stripe_writes_that_currency():
    assert signed({"net": -50_000}, "net", "UGX") == -500
    assert minor({"net": 50_000}, "net", "ISK") == 50_000


def test_sums_are_bounded_too():
    assert within(10**15 - 1, "tax") == 10**15 - 1
    with pytest.raises(UnreadableObject):
        within(10**15, "tax")


@pytest.mark.parametrize("value", ["eu", "euro", "e1r", "ʻeu", "ßa", None, 978])
def test_a_currency_has_three_letters(value):
    assert currency_or_none({"currency": value}) == ""
    with pytest.raises(UnreadableObject, match="three letters"):
        currency({"currency": value})


def test_a_currency_is_written_in_capitals():
    assert currency({"currency": "eur"}) == "EUR"


def test_zero_is_no_moment():
    assert moment_or_none({"due_by": 0}, "due_by") is None
    assert moment_or_none({"due_by": "soon"}, "due_by") is None
    assert moment_or_none({"due_by": 10**12}, "due_by") is None
    found = moment_or_none({"due_by": 86_400}, "due_by")
    assert found is not None
    assert found.isoformat() == "1970-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        *((0.90738, "0.90738"), (1, "1"), ("1.25", "1.25"), (0.00001, "0.00001"), (1e-7, "0.0000001")),
        *(
            (None, ""),
            (0, ""),
            (-1, ""),
            (True, ""),
            ("1e999999999", ""),
            (10**12, ""),
            ("nan", ""),
            (float("inf"), ""),
            ([1], ""),
        ),
    ],
)
def test_rates_are_plain_decimals(value, rate):
    assert decimal({"exchange_rate": value}, "exchange_rate") == rate


def test_texts_hold_what_postgresql_can_keep():
    assert clean("a\x00b\ud800") == "ab?"


def test_metadata_is_flat_and_bounded():
    pairs = {"a\x00" * 50: "v" * 600, "number": 5, "nested": {"deep": [[[]]]}, "list": [1], "none": None}
    assert metadata({"metadata": pairs}) == {"a" * 40: "v" * 500, "number": "5"}
    assert len(metadata({"metadata": {str(number): "x" for number in range(80)}})) == 50
    assert metadata({"metadata": ["a"]}) == {}


def test_lists_come_plain_or_as_pages():
    assert entries({"lines": [{"a": 1}, None, "x"]}, "lines") == [{"a": 1}]
    assert entries({"lines": {"object": "list", "data": [{"a": 1}]}}, "lines") == [{"a": 1}]
    assert entries({"lines": "none"}, "lines") == []


def test_small_numbers_fit_their_column():
    assert [small({"n": n}, "n") for n in (0, 32_767, 32_768, -1, True, "1")] == [0, 32_767, None, None, None, None]


def test_an_expanded_charge_names_the_intent():
    assert payment_of({"charge": {"id": "ch_1", "payment_intent": "pi_1"}}) == ("ch_1", "pi_1")
    assert payment_of({"charge": "ch_1", "payment_intent": {"id": "pi_2"}}) == ("ch_1", "pi_2")
