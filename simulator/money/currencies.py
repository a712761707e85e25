"""What amounts a currency can have. Stripe counts all in minor units, but not every number of them is money."""

from simulator.protocol.errors import StripeError

_NO_DECIMALS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THREE_DECIMALS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
# Written as hundredths though there are none.
_HUNDREDTHS_OF_NOTHING = frozenset(("isk", "ugx"))
# Charged in hundredths, paid out whole.
_WHOLE_PAYOUTS = frozenset(("huf", "twd"))
_MOST_DIGITS = {"cop": 10, "idr": 12, "inr": 9}


def step(currency: str) -> int:
    """The smallest amount, in minor units, of which all others are multiples."""
    if currency in _THREE_DECIMALS:
        return 10
    return 100 if currency in _HUNDREDTHS_OF_NOTHING else 1


def payout_step(currency: str) -> int:
    return 100 if currency in _WHOLE_PAYOUTS else step(currency)


def largest(currency: str) -> int:
    """The greatest amount, in minor units: eight digits but for some currencies."""
    return int(10 ** _MOST_DIGITS.get(currency, 8)) - 1


def digits(currency: str) -> int:
    """How many of an amount's digits stand behind the point."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def major(amount: int, currency: str) -> str:
    """Minor units as people write them: -1.05."""
    places = digits(currency)
    whole, rest = divmod(abs(amount), 10**places)
    return f"{'-' if amount < 0 else ''}{whole}" + (f".{rest:0{places}}" if places else "")


def rounded(amount: int, over: int, currency: str) -> int:
    """``amount`` / ``over``, half up to what the currency has."""
    unit = step(currency)
    return (2 * amount + over * unit) // (2 * over * unit) * unit


def check_amount(amount: int, currency: str, *, param: str = "amount", unit: int | None = None) -> None:
    """StripeError: no amount that can be paid in this currency."""
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise StripeError(message, code="parameter_invalid_integer", param=param)
    if amount > largest(currency):
        raise StripeError(f"Amount must be no more than {largest(currency)}.", code="amount_too_large", param=param)
    if amount % (unit or step(currency)):
        message = f"Invalid amount: {currency} takes multiples of {unit or step(currency)} only."
        raise StripeError(message, code="parameter_invalid_integer", param=param)
