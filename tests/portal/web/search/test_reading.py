"""What searches mean: numbers, ids, addresses, qualifiers, and the sentences for what cannot be read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import Money
from portal.web.search.asked import Asked
from portal.web.search.days import Days
from portal.web.search.language import parse
from portal.web.search.reading import STAFF_QUALIFIERS, Reader
from reports.status import STATUSES
from tests.portal.web.search.test_language import PIECES

FRIDAY = date(2026, 11, 20)
EVERY_STATUS_BUT_DISPUTED = tuple(each for each in STATUSES["payment"] if each != "disputed")
READER = Reader(FRIDAY, "EUR", "en_GB")


def read(text, reader=READER):
    return reader.read(parse(text))


def euros(text):
    return Money(int(text.replace(".", "")), "EUR")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Asked()),
        ("AO-483", Asked(text="AO-483")),
        ("Lena Vogt", Asked(text="Lena Vogt")),
        ("Ridge 65 pack", Asked(text="Ridge 65 pack")),
        ("4242", Asked(text="4242", guess=euros("4242.00"))),
        ("19.90", Asked(text="19.90", guess=euros("19.90"))),
        ('"19.90"', Asked(text="19.90")),
        ("4242 19.90", Asked(last4="4242", low=euros("19.90"), high=euros("19.90"))),
        ("19.90 4242", Asked(last4="4242", low=euros("19.90"), high=euros("19.90"))),
        ("4242 19.90 eur", Asked(last4="4242", low=euros("19.90"), high=euros("19.90"))),
        ("4242 1990 JPY", Asked(last4="4242", low=Money(1990, "JPY"), high=Money(1990, "JPY"))),
        ("4242 1990", Asked(last4="4242", low=euros("1990.00"), high=euros("1990.00"))),
        ("1990 JPY", Asked(low=Money(1990, "JPY"), high=Money(1990, "JPY"))),
        ("AO-1 19.90", Asked(text="AO-1", low=euros("19.90"), high=euros("19.90"))),
        ("lena@vogt.example", Asked(email="lena@vogt.example")),
        ("pay_7Qm2", Asked(id="pay_7Qm2")),
        ("pi_1 status:failed", Asked(id="pi_1", statuses=("failed",))),
        ("order_48291", Asked(text="order_48291")),
        ("status:failed,blocked", Asked(statuses=("failed", "blocked"))),
        ("status:failed status:blocked", Asked(statuses=("failed", "blocked"))),
        ("status:Partially-Refunded", Asked(statuses=("partially_refunded",))),
        ("status:canceled", Asked(statuses=("cancelled",))),
        ("is:disputed", Asked(disputed=True)),
        ("-is:disputed", Asked(disputed=False)),
        ("is:disputed -status:disputed", Asked(disputed=True, statuses=EVERY_STATUS_BUT_DISPUTED)),
        ("status:disputed", Asked(statuses=("disputed",))),
        ("is:refunded", Asked(refunded=True)),
        ("-is:refunded", Asked(refunded=False)),
        ("amount:>100", Asked(low=euros("100.01"))),
        ("amount:>=100 amount:<200", Asked(low=euros("100.00"), high=euros("199.99"))),
        ("amount:50..100", Asked(low=euros("50.00"), high=euros("100.00"))),
        ("amount:>1000 currency:JPY", Asked(currency="JPY", low=Money(1001, "JPY"))),
        ('amount:"19.90 USD"', Asked(low=Money(1990, "USD"), high=Money(1990, "USD"))),
        ("last4:4242", Asked(last4="4242")),
        ("date:2026-11-20", Asked(days=Days(FRIDAY, FRIDAY))),
        ("date:20 Nov", Asked(days=Days(FRIDAY, FRIDAY))),
        ("date:last-week", Asked(days=Days(date(2026, 11, 9), date(2026, 11, 15)))),
        ("-last4:4242 -AO", Asked(without=(Asked(last4="4242"), Asked(text="AO")))),
        ("-amount:19.90", Asked(without=(Asked(low=euros("19.90"), high=euros("19.90")),))),
    ],
)
def test_what_a_search_asks_for(text, asked):
    found = read(text)
    assert found.problems == ()
    assert found.asked == asked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour:red", "“colour:” is not known here"),
        ("merchant:acme", "“merchant:” is not known here"),
        ("status:", "“status:” cannot be read"),
        ("status:lost", "“status:lost” cannot be read"),
        ("is:nice", "“is:nice” cannot be read. Write is:disputed"),
        ("last4:42", "“last4:42” cannot be read"),
        ("email:lena", "“email:lena” cannot be read"),
        ("currency:euro", "“currency:euro” cannot be read"),
        ("date:soon", "“date:soon” cannot be read"),
        ("amount:much", "“much” is no amount"),
        ("amount:1.999", "“1.999”: EUR has at most 2 decimal places."),
        ("amount:19,90", "“19,90”: Enter an amount such as"),
        ("amount:..", "“..” is no amount"),
        ("amount:>5 amount:<5", "No amount is within all of these limits."),
        ("amount:5EUR amount:5USD", "Amounts of two currencies do not compare."),
        ("amount:5ABC", "“ABC” is no currency"),
        ("is:failed is:succeeded", "No payment is in all of these states at once."),
        ("last4:4242 last4:1881", "“last4:1881” does not go with what stands before it."),
        ("pay_1 pay_2", "“pay_2” does not go with what stands before it."),
        ("pay_1 Lena", "An id is looked up by itself. Remove “Lena”."),
        ("lena@a.example marek@b.example", "“marek@b.example” does not go with what stands before it."),
    ],
)
def test_what_cannot_be_read_gets_one_clear_sentence(text, words):
    (problem,) = read(text).problems
    assert problem.startswith(words)


def test_every_trouble_gets_a_sentence_of_its_own():
    assert len(read("colour:red status:lost last4:42 last4:42").problems) == 3


def test_staff_name_merchants_modes_and_currencies():
    staff = Reader(FRIDAY, "", "en_GB", STAFF_QUALIFIERS)
    assert read("merchant:acme mode:live 4242", staff).asked == Asked(text="4242", merchant="acme", livemode=True)
    assert read("amount:>100", staff).problems == (
        "Say the currency of the amount, such as 19.90 EUR or currency:EUR.",
    )
    assert read("mode:both", staff).problems != ()


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
def test_no_text_makes_it_fail(text):
    for reader in (READER, Reader(FRIDAY, "", "en_GB", STAFF_QUALIFIERS)):
        found = read(text, reader)
        assert all(problem.endswith((".", ".”")) for problem in found.problems)
