"""What a customer reads about a refund, in the language that is active.

Names of customers and what payments are called stand in no mail: whoever paid chose them, with an address that need not
be theirs.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from billing.merchants.models import Merchant
from billing.money import MINUS_SIGN, Money, format_with_symbol
from billing.refunds.models import ReceiptKind, Refund
from portal.web.methods import method_text
from reports.dates import day_text
from reports.templatetags.money import current_locale

# What turns the direction of all that follows it.
_TURNS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class ReceiptWords:
    """``paragraphs`` before and after the ``facts``, each a name and its value. Everything is plain text, of one line
    each."""

    subject: str
    before: Sequence[str]
    facts: Sequence[tuple[str, str]]
    after: Sequence[str]


def receipt_words(kind: str, refund: Refund) -> ReceiptWords:
    """``refund`` with its payment and merchant."""
    names = {"merchant": called(refund.merchant), "amount": _amount(refund)}
    said = _correction if kind == ReceiptKind.CORRECTION else _receipt
    return said(refund, names)


def called(merchant: Merchant) -> str:
    """The merchant's name as one line that ends where it ends, whoever typed it."""
    return one_line(merchant.name)


def one_line(text: str) -> str:
    kept = (char for char in " ".join(text.split()) if unicodedata.category(char) not in ("Cc", "Cs"))
    return "".join(char for char in kept if char not in _TURNS)


def _receipt(refund: Refund, names: dict[str, str]) -> ReceiptWords:
    is_card = refund.payment.method_type == "card"
    return ReceiptWords(
        subject=gettext("Refund of %(amount)s from %(merchant)s") % names,
        before=[gettext("%(merchant)s has refunded you %(amount)s.") % names],
        facts=_facts(refund, names),
        after=[
            gettext("Your card’s bank decides when you see it, usually 5–10 business days after that day.")
            if is_card
            else gettext("You have it when your bank or wallet books it, which may take days."),
            _whom_to_ask(names),
        ],
    )


def _correction(refund: Refund, names: dict[str, str]) -> ReceiptWords:
    return ReceiptWords(
        subject=gettext("Your refund of %(amount)s from %(merchant)s failed") % names,
        before=[
            gettext("You were told that %(merchant)s has refunded you %(amount)s.") % names,
            gettext("That refund has failed since: you do not get the money this way."),
        ],
        facts=_facts(refund, names),
        after=[gettext("%(merchant)s has the money back and knows of it. Ask there how you get it.") % names],
    )


def _facts(refund: Refund, names: dict[str, str]) -> list[tuple[str, str]]:
    payment = refund.payment
    facts = [
        (gettext("Amount"), names["amount"]),
        (gettext("Goes back to"), one_line(method_text(payment.method_type, payment.brand, payment.last4))),
        (gettext("Date"), day_text(refund.created_at, refund.merchant.zone)),
        (gettext("Bank reference"), one_line(refund.arn)),
        (gettext("Refund number"), refund.public_id),
    ]
    return [(name, value) for name, value in facts if value]


def _whom_to_ask(names: dict[str, str]) -> str:
    return gettext("Questions? Ask %(merchant)s. Nobody reads answers to this mail.") % names


def _amount(refund: Refund) -> str:
    return format_with_symbol(Money(refund.amount, refund.currency), locale=current_locale(), minus=MINUS_SIGN)
