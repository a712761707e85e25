"""Percentages of coupons and tax rates: exact on amounts, plain numbers in answers."""

from decimal import ROUND_HALF_UP, Decimal


def shown(number: Decimal) -> int | float:
    """What JSON shows, of lengths, too; never computed with."""
    return int(number) if number == int(number) else float(number)


def share(amount: int, percent: float) -> int:
    """So many per cent of an amount, half up."""
    return rounded(amount * Decimal(str(percent)) / 100)


def inside(amount: int, percent: float) -> int:
    """The part of an amount that is a tax of so many per cent, already included in it."""
    rate = Decimal(str(percent))
    return rounded(amount * rate / (100 + rate))


def rounded(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
