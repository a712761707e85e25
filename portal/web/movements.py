"""What processors call the movements of a balance, in plain words.

Words of Stripe's list; what is not known here is shown as it came, in plain letters.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

KINDS: Mapping[str, Text] = {
    "payments": _("Payments"),
    "refunds": _("Refunds"),
    "disputes": _("Disputes"),
    "fees": _("Fees"),
    "payouts": _("Payouts"),
    "transfers": _("Transfers"),
    "other": _("Other"),
}
_TYPES: Mapping[str, Text] = {
    "adjustment": _("Adjustment"),
    "advance": _("Advance"),
    "advance_funding": _("Advance paid out"),
    "anticipation_repayment": _("Advance paid back"),
    "application_fee": _("Application fee"),
    "application_fee_refund": _("Application fee returned"),
    "charge": _("Payment"),
    "connect_collection_transfer": _("Collected from an account"),
    "contribution": _("Contribution"),
    "payment": _("Payment"),
    "payment_failure_refund": _("Payment failed later"),
    "payment_refund": _("Refund"),
    "payment_reversal": _("Payment reversed"),
    "payment_unreconciled": _("Unmatched payment"),
    "payout": _("Payout"),
    "payout_cancel": _("Payout cancelled"),
    "payout_failure": _("Payout returned"),
    "payout_minimum_balance_hold": _("Minimum balance held"),
    "payout_minimum_balance_release": _("Minimum balance released"),
    "refund": _("Refund"),
    "refund_failure": _("Refund returned"),
    "reserve_transaction": _("Reserve"),
    "reserved_funds": _("Reserve"),
    "stripe_fee": _("Processor’s fee"),
    "stripe_fx_fee": _("Conversion fee"),
    "tax_fee": _("Tax on fees"),
    "topup": _("Top-up"),
    "topup_reversal": _("Top-up reversed"),
    "transfer": _("Transfer"),
    "transfer_cancel": _("Transfer cancelled"),
    "transfer_failure": _("Transfer returned"),
    "transfer_refund": _("Transfer refunded"),
}
# An adjustment says only in its category what it is, and a refund whether anybody had paid what it gives back.
_BY_CATEGORY: Mapping[tuple[str, str], Text] = {
    ("adjustment", "dispute"): _("Dispute"),
    ("adjustment", "dispute_reversal"): _("Dispute returned"),
    ("refund", "partial_capture_reversal"): _("Released after a partial capture"),
}


def movement_words(type_: str, category: str) -> str:
    """``Dispute`` for an adjustment of that category, ``Payment`` for a charge."""
    known = _BY_CATEGORY.get((type_, category))
    return str(known or _TYPES.get(type_) or type_.replace("_", " "))
