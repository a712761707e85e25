"""What processors call the reasons of refunds, disputes, warnings and reviews, in words that complete a sentence.

Words of Stripe's lists; what is not known here is shown as it came, in plain letters.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.web.kept_words import in_words

Text = str | Promise

REFUND_REASONS: dict[str, Text] = {
    "duplicate": _("paid twice"),
    "fraudulent": _("fraud"),
    "requested_by_customer": _("asked for by the customer"),
    "expired_uncaptured_charge": _("never captured in time"),
}
REFUND_FAILURES: dict[str, Text] = {
    "charge_for_pending_refund_disputed": _("the payment was disputed meanwhile"),
    "declined": _("the bank declined it"),
    "expired_or_canceled_card": _("the card has expired or was cancelled"),
    "insufficient_funds": _("the balance at the processor was too low"),
    "lost_or_stolen_card": _("the card was lost or stolen"),
    "merchant_request": _("it was stopped on your request"),
    "unknown": _("the processor gives no reason"),
}
# Why the processor, or we before it was sent, did nothing of a refund that was asked for here: whole sentences.
REQUEST_FAILURES: dict[str, Text] = {
    "access_refused": _("The key may not refund payments at the processor. Allow it to, or replace the key."),
    "amount_too_large": _("The processor has less left to refund than was asked for."),
    "amount_too_small": _("The processor takes no refund as small as this."),
    "approval_void": _("The approval does not stand any more. Ask for it again."),
    "balance_insufficient": _("The balance at the processor was too low."),
    "charge_already_refunded": _("The payment had been refunded at the processor before."),
    "charge_disputed": _("The payment was disputed meanwhile. Answer the dispute instead."),
    "charge_not_refundable": _("The processor does not refund this payment."),
    "insufficient_funds": _("The balance at the processor was too low."),
    "not_connected": _("The connection to the processor ended before the refund was sent."),
    "not_executed": _("The processor took no request for 23 hours, or has nothing of it. No money moved."),
    "refund_disputed_payment": _("The payment was disputed meanwhile. Answer the dispute instead."),
    "resource_missing": _("The processor does not know the payment."),
}
# The same of captures and cancellations.
HOLD_FAILURES: dict[str, Text] = {
    "access_refused": _("The key may not do this at the processor. Allow it to, or replace the key."),
    "amount_too_large": _("The processor holds less than was asked for."),
    "amount_too_small": _("The processor captures no amount as small as this."),
    "approval_void": _("The approval does not stand any more. Ask for it again."),
    "capture_charge_authorization_expired": _("The authorisation had expired before it was sent."),
    "charge_already_captured": _("The payment had been captured at the processor before."),
    "charge_already_refunded": _("The authorisation had been cancelled at the processor before."),
    "charge_expired_for_capture": _("The authorisation had expired before it was sent."),
    "not_connected": _("The connection to the processor ended before it was sent."),
    "not_executed": _("The processor took no request for 23 hours, or has nothing of it. No money moved."),
    "payment_intent_unexpected_state": _(
        "The payment was captured or cancelled at the processor before, or its authorisation had expired."
    ),
    "resource_missing": _("The processor does not know the payment."),
}
REFUND_PENDING: dict[str, Text] = {
    "charge_pending": _("the payment itself is not complete yet"),
    "insufficient_funds": _("the balance at the processor is too low"),
    "processing": _("the processor is working on it"),
}
DISPUTE_REASONS: dict[str, Text] = {
    "bank_cannot_process": _("the bank cannot process it"),
    "check_returned": _("the cheque was returned"),
    "credit_not_processed": _("a promised refund did not arrive"),
    "customer_initiated": _("started by the customer"),
    "debit_not_authorized": _("debit not authorised"),
    "duplicate": _("charged twice"),
    "fraudulent": _("not made by the cardholder"),
    "general": _("no particular reason"),
    "incorrect_account_details": _("wrong account details"),
    "insufficient_funds": _("not enough money in the account"),
    "noncompliant": _("against the rules of the card network"),
    "product_not_received": _("goods or service not received"),
    "product_unacceptable": _("goods or service not as described"),
    "subscription_canceled": _("charged after a subscription was cancelled"),
    "unrecognized": _("payment not recognised"),
}
FRAUD_TYPES: dict[str, Text] = {
    "card_never_received": _("the card never reached its owner"),
    "fraudulent_card_application": _("the card was applied for in another's name"),
    "made_with_counterfeit_card": _("made with a copied card"),
    "made_with_lost_card": _("made with a lost card"),
    "made_with_stolen_card": _("made with a stolen card"),
    "misc": _("fraud of another kind"),
    "unauthorized_use_of_card": _("card used without permission"),
}
REVIEW_OPENED: dict[str, Text] = {
    "manual": _("somebody asked for it"),
    "rule": _("a rule of the processor"),
}
REVIEW_CLOSED: dict[str, Text] = {
    "acknowledged": _("acknowledged"),
    "approved": _("approved"),
    "canceled": _("the payment was cancelled"),
    "disputed": _("the payment was disputed"),
    "payment_never_settled": _("the payment was never completed"),
    "redacted": _("its data were deleted"),
    "refunded": _("refunded"),
    "refunded_as_fraud": _("refunded as fraud"),
}


def words_of(reason: str, known: Mapping[str, Text]) -> str:
    """Empty for no reason at all."""
    return str(known.get(reason) or reason.replace("_", " "))


def refund_trouble(status: str, failure_reason: str, pending_reason: str) -> str:
    """Why a refund failed or waits; empty for one that does neither."""
    if status == "failed":
        return words_of(failure_reason, REFUND_FAILURES) or gettext("the processor gives no reason")
    return words_of(pending_reason, REFUND_PENDING) if status == "pending" else ""


def request_failure(code: str, message: str) -> str:
    """Why nothing came of a refund that was asked for here, in a sentence; the processor's own where its word for it is
    not known."""
    return _failure(REQUEST_FAILURES, code, message)


def hold_failure(code: str, message: str) -> str:
    """The same of a capture or cancellation."""
    # What somebody else did with it meanwhile is said by ourselves.
    return in_words(message) if code == "overtaken" else _failure(HOLD_FAILURES, code, message)


def _failure(known: Mapping[str, Text], code: str, message: str) -> str:
    if code in known:
        return str(known[code])
    if message:
        return gettext("The processor refused it: “%(words)s”") % {"words": message}
    return gettext("The processor refused it without saying why.")
