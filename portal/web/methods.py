"""What means of payment are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
BRANDS: dict[str, Text] = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "discover": "Discover",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
    "eftpos_au": "eftpos",
}
OTHERS: dict[str, Text] = {
    "sepa_debit": _("SEPA direct debit"),
    "us_bank_account": _("US bank account"),
    "bacs_debit": _("Bacs direct debit"),
    "bancontact": "Bancontact",
    "ideal": "iDEAL",
    "klarna": "Klarna",
    "link": "Link",
    "p24": "Przelewy24",
    "paypal": "PayPal",
}
METHODS: dict[str, Text] = {**BRANDS, **OTHERS}
WALLETS: dict[str, Text] = {
    "apple_pay": "Apple Pay",
    "google_pay": "Google Pay",
    "samsung_pay": "Samsung Pay",
    "link": "Link",
}
RISK_BANDS: dict[str, Text] = {
    "normal": _("Normal"),
    "elevated": _("Elevated"),
    "highest": _("Highest"),
}
# What processors say instead of a band.
RISK_UNKNOWN: dict[str, Text] = {"not_assessed": _("Not assessed"), "unknown": _("Unknown")}


def method_name(method_type: str, brand: str) -> str:
    """``Visa``, ``SEPA direct debit``; what is not known here is shown as the processor writes it, in plain letters."""
    value = brand or method_type
    return str(METHODS.get(value) or value.replace("_", " ").capitalize())


def method_text(method_type: str, brand: str, last4: str) -> str:
    """``Visa •••• 4242``; empty when nothing is known yet."""
    name = method_name(method_type, brand)
    return f"{name} •••• {last4}".strip() if last4 else name
