"""Why a payment was refused, in words for the people who must answer for it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Decline:
    """``words`` complete "Declined: …"; ``sentence`` says what happened and what can be done."""

    words: Text
    sentence: Text


_ASK_BANK = _("The bank gave no reason. The customer can ask their bank or use another card.")
_OTHER_CARD = _("The customer's bank does not allow this payment. Another card is the quickest way out.")

# Codes of Stripe's list; other processors' adapters translate theirs to these.
DECLINES: dict[str, Decline] = {
    "insufficient_funds": Decline(
        _("insufficient funds"),
        _("There was not enough money or credit on the card. The customer can try again later."),
    ),
    "card_velocity_exceeded": Decline(
        _("card limit reached"), _("The card's limit for amount or number of payments was reached.")
    ),
    "withdrawal_count_limit_exceeded": Decline(_("card limit reached"), _("The card's limit was reached.")),
    "generic_decline": Decline(_("no reason given"), _ASK_BANK),
    "do_not_honor": Decline(_("no reason given"), _ASK_BANK),
    "no_action_taken": Decline(_("no reason given"), _ASK_BANK),
    "call_issuer": Decline(_("the bank wants a call"), _("The customer must call their bank before trying again.")),
    "card_not_supported": Decline(_("card not supported"), _OTHER_CARD),
    "currency_not_supported": Decline(
        _("currency not supported"), _("The card cannot pay in this currency. Another card or currency may work.")
    ),
    "transaction_not_allowed": Decline(_("kind of payment not allowed"), _OTHER_CARD),
    "service_not_allowed": Decline(_("kind of payment not allowed"), _OTHER_CARD),
    "restricted_card": Decline(_("restricted card"), _OTHER_CARD),
    "security_violation": Decline(_("refused by the bank"), _ASK_BANK),
    "not_permitted": Decline(_("not permitted"), _OTHER_CARD),
    "expired_card": Decline(
        _("expired card"), _("The card's expiry date has passed. The customer needs a newer card.")
    ),
    "invalid_expiry_month": Decline(_("wrong expiry date"), _("The expiry month was typed wrongly.")),
    "invalid_expiry_year": Decline(_("wrong expiry date"), _("The expiry year was typed wrongly.")),
    "incorrect_cvc": Decline(
        _("wrong security code"), _("The security code on the card was typed wrongly. The customer can try again.")
    ),
    "invalid_cvc": Decline(_("wrong security code"), _("The security code on the card was typed wrongly.")),
    "incorrect_number": Decline(_("wrong card number"), _("The card number was typed wrongly.")),
    "invalid_number": Decline(_("wrong card number"), _("The card number was typed wrongly.")),
    "incorrect_zip": Decline(_("wrong postcode"), _("The postcode does not match the one the bank knows.")),
    "incorrect_address": Decline(_("wrong address"), _("The address does not match the one the bank knows.")),
    "incorrect_pin": Decline(_("wrong PIN"), _("The PIN was typed wrongly.")),
    "pin_try_exceeded": Decline(_("PIN blocked"), _("The PIN was typed wrongly too often.")),
    "lost_card": Decline(
        _("card reported lost"), _("The card was reported lost. Do not tell the customer this reason; do not ship.")
    ),
    "stolen_card": Decline(
        _("card reported stolen"), _("The card was reported stolen. Do not tell the customer this reason; do not ship.")
    ),
    "pickup_card": Decline(
        _("card withdrawn"), _("The bank withdrew the card, perhaps because it was lost or stolen.")
    ),
    "fraudulent": Decline(
        _("suspected fraud"), _("The payment looked fraudulent. Do not tell the customer this reason; do not ship.")
    ),
    "merchant_blacklist": Decline(_("on your block list"), _("The payment matched an entry of your block list.")),
    "highest_risk_level": Decline(
        _("risk too high"), _("The processor stopped the payment because its risk was too high.")
    ),
    "authentication_required": Decline(
        _("confirmation missing"), _("The bank wants the customer to confirm the payment, which did not happen.")
    ),
    "authentication_not_handled": Decline(
        _("confirmation missing"), _("The bank asked for a confirmation that the checkout did not carry out.")
    ),
    "approve_with_id": Decline(
        _("could not be authorised"), _("The bank could not authorise the payment. Trying again may work.")
    ),
    "issuer_not_available": Decline(
        _("bank not reachable"), _("The customer's bank did not answer. Trying again later may work.")
    ),
    "processing_error": Decline(
        _("processing error"), _("Something went wrong at the processor or the bank. Trying again may work.")
    ),
    "reenter_transaction": Decline(_("processing error"), _("The bank could not process it. Trying again may work.")),
    "try_again_later": Decline(_("try again later"), _("The bank could not decide now. Trying again later may work.")),
    "duplicate_transaction": Decline(
        _("duplicate"), _("A payment of the same amount with the same card came very shortly before.")
    ),
    "invalid_account": Decline(_("account not valid"), _("The card or its account is not valid any more.")),
    "new_account_information_available": Decline(
        _("card details outdated"), _("The bank has newer details of this card. The customer must ask for them.")
    ),
    "invalid_amount": Decline(_("amount not accepted"), _("The amount is not valid or above what the bank allows.")),
    "testmode_decline": Decline(_("test card"), _("A test card was used.")),
    "live_mode_test_card": Decline(_("test card"), _("A test card was used for a live payment.")),
    "card_declined": Decline(_("refused by the bank"), _ASK_BANK),
    "payment_intent_authentication_failure": Decline(
        _("confirmation failed"), _("The customer did not pass the confirmation that their bank asked for.")
    ),
}


def decline_of(*codes: str) -> Decline | None:
    """The first code that is known, the most telling given first; None when nobody has words for any of them."""
    return next((DECLINES[code] for code in codes if code in DECLINES), None)
