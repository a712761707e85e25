"""What Stripe keeps of a payment."""

from simulator.money.currencies import rounded

# Of the amount, in hundredths of a percent, by where the card is from.
_EUROPEAN, _BRITISH, _FOREIGN = 150, 250, 325
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
# And of each payment, in minor units.
_EACH = {"eur": 25, "gbp": 20, "usd": 30, "jpy": 40, "kwd": 80, "kes": 3500, "isk": 3500}


def processing_fee(amount: int, currency: str, *, country: str = "FR") -> int:
    """A share of ``amount``, by the country of the card, half up to what the currency has; and a fixed part."""
    share = _EUROPEAN if country in _EEA.split() else _BRITISH if country == "GB" else _FOREIGN
    return rounded(amount * share, 10_000, currency) + rounded(_EACH.get(currency, 25), 1, currency)
