"""Amounts as Stripe writes them, and as Counterfoil counts them. What differs between the two stands here alone.

The rules are the special cases of https://docs.stripe.com/currencies.
"""

from billing.money import DEFAULT_LOCALE, Money, format_amount
from billing.providers.base import AmountRefused, UnreadableObject

# Stripe writes them in hundredths, which they do not have. It does so with ISK, too, but old amounts have hundredths,
# and here ISK counts in them.
_NUMBERS_PER_UNIT = {"UGX": 100}
# Of which numbers Stripe's amounts are multiples, where not every number is an amount.
_STEPS = {"ISK": 100, "UGX": 100} | dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10)
_PAYOUT_STEPS = _STEPS | {"HUF": 100, "TWD": 100}
LARGEST = 99_999_999
_LARGER = {"COP": 10**10 - 1, "IDR": 10**12 - 1, "INR": 10**9 - 1}


def largest(currency: str) -> int:
    """Stripe's greatest number for an amount, whatever it was paid with. By card it may take more, of which its page on
    currencies and its reference of the API contradict each other."""
    return _LARGER.get(currency, LARGEST)


def received(number: int, currency: str, name: str) -> int:
    """Minor units for Stripe's number.

    Raises UnreadableObject, with the field's name, for a fraction of what has no fractions: rounding it would be a
    guess. Its event becomes a dead letter, and a sync names the object among what it found.
    """
    unit = _NUMBERS_PER_UNIT.get(currency)
    if unit is None:
        return number
    minor, rest = divmod(number, unit)
    if rest:
        raise UnreadableObject(f"{name} is a fraction of {currency}, which has none: {number}")
    return minor


def sent(money: Money, *, payout: bool = False, locale: str = DEFAULT_LOCALE) -> int:
    """Stripe's number for an amount to be charged, given back or paid out.

    Raises AmountRefused with amounts written for ``locale``. How little is too little depends on the account, and is
    Stripe's own to say.
    """
    unit = _NUMBERS_PER_UNIT.get(money.currency, 1)
    step = (_PAYOUT_STEPS if payout else _STEPS).get(money.currency, 1)
    number = money.minor * unit

    def written(amount: int) -> str:
        return format_amount(Money(amount // unit, money.currency), locale=locale)

    if number < 1:
        raise AmountRefused(f"Enter an amount of at least {written(step)} {money.currency}.")
    limit = largest(money.currency)
    if number > limit:
        most = limit - limit % step
        raise AmountRefused(f"Stripe takes no more than {written(most)} {money.currency} at once.")
    if number % step:
        near = written(max(number // step, 1) * step)
        if payout:
            rule = f"Stripe pays out {money.currency} in steps of {written(step)}. Enter an amount such as {near}."
        else:
            rule = f"Stripe takes {money.currency} in steps of {written(step)}. Enter an amount such as {near}."
        raise AmountRefused(rule)
    return number
