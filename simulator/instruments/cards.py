"""Stripe's test cards: their names, their numbers, and what each causes.

A payment method keeps no number. Its fingerprint, a function of the number, tells which card it is.
"""

from dataclasses import dataclass
from hashlib import blake2b

from simulator.instruments.declines import DECLINES, Decline


@dataclass(frozen=True, slots=True)
class Card:
    """``names``: what follows `pm_card_` and `tok_`. The rest is what it causes:

    ``when``: a decline refuses the card always, or only on a charge, so that it can be saved.
    ``three_d_secure``: always (declines off the session), setup (until it was set up), optional, unsupported.
    ``refunds``: succeed, pending (and succeed later), fail (after they succeeded).
    ``risk``: normal, elevated, highest (blocked). ``effects``: see simulator/effects.py.
    """

    number: str
    names: str = ""
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    decline: str | None = None
    when: str = "always"
    three_d_secure: str = "optional"
    refunds: str = "succeed"
    bypasses_pending: bool = False
    risk: str = "normal"
    failed_checks: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()

    @property
    def declined(self) -> Decline | None:
        return DECLINES[self.decline] if self.decline else None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.number)


def fingerprint(number: str) -> str:
    """The same for the same number, on every account."""
    return blake2b(number.encode(), digest_size=8).hexdigest()


_BRANDS = (
    Card("4242424242424242", "visa us"),
    Card("4000056655665556", "visa_debit", funding="debit"),
    Card("5555555555554444", "mastercard", "mastercard"),
    Card("2223003122003222", "mastercard_2series", "mastercard"),
    Card("5200828282828210", "mastercard_debit", "mastercard", funding="debit"),
    Card("5105105105105100", "mastercard_prepaid", "mastercard", funding="prepaid"),
    Card("378282246310005", "amex amex_threeDSecureNotSupported", "amex", three_d_secure="unsupported"),
    Card("371449635398431", "", "amex", three_d_secure="unsupported"),
    Card("6011111111111117", "discover", "discover"),
    Card("6011000990139424", "", "discover"),
    Card("6011981111111113", "discover_debit", "discover", funding="debit"),
    Card("3056930009020004", "diners", "diners"),
    Card("36227206271667", "diners_14_digits", "diners"),
    Card("3566002020360505", "jcb", "jcb", "JP"),
    Card("6200000000000005", "unionpay", "unionpay", "CN"),
)
_COUNTRIES = (
    "AR4000000320000021 AU4000000360000006 AT4000000400000008 BE4000000560000004 BR4000000760000002"
    " CA4000001240000000 CH4000007560000009 CN4000001560000002 CZ4000002030000002 DE4000002760000016"
    " DK4000002080000001 ES4000007240000007 FI4000002460000001 FR4000002500000003 GB4000008260000000"
    " GR4000003000000030 HK4000003440000004 IE4000003720000005 IN4000003560000008 IT4000003800000008"
    " JP4000003920000003 LU4000004420000006 MX4000004840008001 NL4000005280000002 NO4000005780000007"
    " NZ4000005540000008 PL4000006160000005 PT4000006200000007 SE4000007520000008 SG4000007020000003"
)
_DECLINED = (
    Card("4000000000000002", "visa_chargeDeclined chargeDeclined", decline="generic_decline"),
    Card(
        "4000000000009995",
        "visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds",
        decline="insufficient_funds",
    ),
    Card("4000000000009987", "visa_chargeDeclinedLostCard", decline="lost_card"),
    Card("4000000000009979", "visa_chargeDeclinedStolenCard", decline="stolen_card"),
    Card("4000000000000069", "chargeDeclinedExpiredCard", decline="expired_card"),
    Card("4000000000000127", "chargeDeclinedIncorrectCvc", decline="incorrect_cvc"),
    Card("4000000000000119", "chargeDeclinedProcessingError", decline="processing_error"),
    Card("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded", decline="card_velocity_exceeded"),
    Card("4000000000000341", "chargeCustomerFail", decline="generic_decline", when="charge"),
)
_RISKY = (
    Card("4100000000000019", "radarBlock visa_chargeDeclinedFraudulent chargeDeclinedFraudulent", risk="highest"),
    Card("4000000000004954", "riskLevelHighest", risk="highest"),
    Card("4000000000009235", "riskLevelElevated", risk="elevated", effects=("review",)),
    Card("4000000000000101", "cvcCheckFail", failed_checks=("cvc_check",)),
    Card("4000000000000036", "avsZipFail", failed_checks=("address_postal_code_check",)),
    Card("4000000000000028", "avsLine1Fail", failed_checks=("address_line1_check",)),
    Card("4000000000000010", "avsFail", failed_checks=("address_line1_check", "address_postal_code_check")),
)
_DISPUTED = (
    Card("4000000000000259", "createDispute", effects=("dispute.fraudulent",)),
    Card("4000000000002685", "createDisputeProductNotReceived", effects=("dispute.product_not_received",)),
    Card("4000000000001976", "createDisputeInquiry", effects=("dispute.inquiry",)),
    Card("4000000404000079", "createMultipleDisputes", effects=("dispute.multiple",)),
    Card("4000000404000038", "createCe3EligibleDispute", effects=("dispute.ce3_eligible",)),
    Card("4000008400000779", "createComplianceDispute", effects=("dispute.compliance",)),
    Card(
        "5105008400000002",
        "createMastercardComplianceDispute",
        "mastercard",
        effects=("dispute.mastercard_compliance",),
    ),
    Card(
        "4000000001000043",
        "createAutoRepresentmentEligibleDispute",
        effects=("dispute.auto_representment",),
    ),
    Card("4000000000005423", "createIssuerFraudRecord", effects=("warning",)),
)
_MONEY = (
    Card("4000000000007726", "pendingRefund", refunds="pending"),
    Card("4000000000005126", "refundFail", refunds="fail"),
    Card("4000000000000077", "bypassPending", bypasses_pending=True),
    Card("4000003720000278", "bypassPendingInternational", country="IE", bypasses_pending=True),
)
_AUTHENTICATED = (
    Card("4000002500003155", "authenticationRequiredOnSetup", three_d_secure="setup"),
    Card("4000002760003184", "authenticationRequired", three_d_secure="always"),
    Card(
        "4000008260003178",
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        three_d_secure="always",
        decline="insufficient_funds",
        when="charge",
    ),
    Card("4000000000003220", "threeDSecure2Required threeDSecureRequired", three_d_secure="always"),
    Card(
        "4000008400001629",
        "threeDSecureRequiredChargeDeclined",
        three_d_secure="always",
        decline="generic_decline",
        when="charge",
    ),
    Card("4000000000003055", "threeDSecureOptional"),
    Card("4000000000003063", "", three_d_secure="always"),
)
CARDS: tuple[Card, ...] = (
    *_BRANDS,
    *(Card(row[2:], row[:2].lower(), country=row[:2]) for row in _COUNTRIES.split()),
    *(_DECLINED + _RISKY + _DISPUTED + _MONEY + _AUTHENTICATED),
)
_BY_NAME = {name: card for card in CARDS for name in card.names.split()}
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_FINGERPRINT = {card.fingerprint: card for card in CARDS}
_PREFIXES = (
    ("4", "visa"),
    ("34 37", "amex"),
    ("35", "jcb"),
    ("30 36 38 39", "diners"),
    ("60 64 65", "discover"),
    ("62 81", "unionpay"),
    ("22 23 24 25 26 27 51 52 53 54 55", "mastercard"),
)


def named(name: str) -> Card | None:
    """The card of `pm_card_…` or `tok_…`; Stripe writes `tok_card_…` for some."""
    bare = name.removeprefix("pm_card_") if name.startswith("pm_") else name.removeprefix("tok_").removeprefix("card_")
    return _BY_NAME.get(bare) if bare != name else None


def numbered(number: str) -> Card | None:
    """The card of a number: one of the table, or any other that pays; None when it is no card number."""
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    brand = next((brand for starts, brand in _PREFIXES if number.startswith(tuple(starts.split()))), None)
    if brand is None or not 13 <= len(number) <= 19 or not number.isdigit() or not _checks(number):
        return None
    return Card(number, brand=brand)


def behind(print_: str | None) -> Card:
    """The test card with this fingerprint; one that simply pays where the number stands in no table."""
    return _BY_FINGERPRINT.get(print_ or "", _BRANDS[0])


def _checks(number: str) -> bool:
    """Luhn's sum."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 * (digit > 9) for digit in doubled) % 10 == 0
