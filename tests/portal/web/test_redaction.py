"""Objects of processors hold people, secrets and traps in more places than one."""

import time

import pytest

from portal.web.json_text import hidden, json_lines, redacted

# Where Stripe's objects name people, beside billing_details.
NAMED = {
    "payment_method_details": {
        "ideal": {"bank": "ing", "verified_name": "Lena Vogt"},
        "paypal": {"payer_name": "Lena Vogt", "payer_email": "lena@vogt.example", "payer_id": "LENA4711"},
        "card_present": {"cardholder_name": "VOGT/LENA", "last4": "4242"},
    },
    "customer_address": {"line1": "Vogt lane 7", "city": "Ulm", "country": "DE"},
    "customer_shipping": {"name": "Lena Vogt", "address": {"postal_code": "89073"}},
    "customer_tax_ids": [{"type": "eu_vat", "value": "DE123456789"}],
    "wallet": {"billing_address": {"line1": "Vogt lane 7"}},
    "individual": {"dob": {"day": 7, "month": 3, "year": 1981}},
    "evidence": {"customer_signature": "Lena", "shipping_address": "Vogt lane 7"},
}


def test_people_are_redacted_wherever_the_processor_names_them():
    told = str(redacted(NAMED, personal=True))
    assert [word for word in ("Vogt", "VOGT", "LENA", "Lena", "Ulm", "89073", "DE123", "1981") if word in told] == []
    assert "'bank': 'ing'" in told
    assert "'last4': '4242'" in told
    assert "'country': 'DE'" in told
    assert redacted(NAMED, personal=False) == NAMED


def test_a_secret_inside_an_address_is_redacted_for_everybody():
    url = "https://hooks.stripe.com/redirect?client_secret=pi_1_secret_2&merchant=acct_1"
    told = redacted({"next_action": {"redirect_to_url": {"url": url}}}, personal=False)
    assert told["next_action"]["redirect_to_url"]["url"] == (
        f"https://hooks.stripe.com/redirect?client_secret={hidden()}&merchant=acct_1"
    )


@pytest.mark.parametrize("text", ["a" * 1_000_000, "a@" * 500_000, "@" + "a" * 1_000_000, "a_secret_" * 100_000])
def test_the_longest_text_without_spaces_is_read_at_once(text):
    begun = time.process_time()
    redacted({"text": text}, personal=True)
    assert time.process_time() - begun < 2


def test_what_is_nested_too_deep_is_cut_off():
    whole: dict[str, object] = {}
    inner = whole
    for _ in range(800):
        inner["a"] = {}
        inner = inner["a"]
    assert any("…" in line for line in json_lines(redacted(whole, personal=True)))
