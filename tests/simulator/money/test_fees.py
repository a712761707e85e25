"""What Stripe keeps is whole money of the currency."""

import pytest

from simulator.money.fees import processing_fee


@pytest.mark.parametrize(
    ("amount", "currency", "country", "fee"),
    [
        (2000, "eur", "FR", 55),
        (2033, "eur", "FR", 55),
        (2034, "eur", "FR", 56),
        (2000, "eur", "GB", 75),
        (2000, "eur", "US", 90),
        (1000, "jpy", "JP", 73),
        (12340, "kwd", "FR", 270),
        (500_000, "isk", "IS", 11_000),
        (100_000, "kes", "KE", 6750),
    ],
)
def test_the_fee_is_a_share_and_a_fixed_part(amount: int, currency: str, country: str, fee: int) -> None:
    assert processing_fee(amount, currency, country=country) == fee
