"""Why issuers decline: what the error of each decline code says."""

from dataclasses import dataclass

_DECLINED = "Your card was declined."
_OTHER_CARD, _LATER, _DATA = "do_not_try_again", "try_again_later", "confirm_card_data"


@dataclass(frozen=True, slots=True)
class Decline:
    """``code`` is that of the error, ``network`` what the card network answered, ``advice`` what to do next."""

    decline_code: str | None
    code: str = "card_declined"
    message: str = _DECLINED
    network: str | None = None
    advice: str | None = None


# By decline code.
DECLINES: dict[str, Decline] = {
    str(decline.decline_code): decline
    for decline in (
        Decline("generic_decline", network="01", advice=_LATER),
        Decline(
            "authentication_required",
            "authentication_required",
            f"{_DECLINED} This transaction requires authentication.",
        ),
        Decline("call_issuer", network="02"),
        Decline("card_not_supported", message="Your card does not support this type of purchase.", network="57"),
        Decline(
            "card_velocity_exceeded",
            message=f"{_DECLINED[:-1]} for making repeated attempts too frequently or exceeding its amount limit.",
            network="65",
            advice=_LATER,
        ),
        Decline("currency_not_supported", message="Your card does not support this currency.", network="57"),
        Decline("do_not_honor", network="05", advice=_LATER),
        Decline("expired_card", "expired_card", "Your card has expired.", "54", _DATA),
        Decline("fraudulent", network="59", advice=_OTHER_CARD),
        Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "N7", _DATA),
        Decline("insufficient_funds", message="Your card has insufficient funds.", network="51", advice=_LATER),
        Decline("invalid_account", "card_declined", "Your card account is invalid.", "14", _DATA),
        Decline("issuer_not_available", network="91", advice=_LATER),
        Decline("lost_card", network="41", advice=_OTHER_CARD),
        Decline("pickup_card", network="04", advice=_OTHER_CARD),
        Decline(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
            "96",
            _LATER,
        ),
        Decline("restricted_card", network="62", advice=_OTHER_CARD),
        Decline("stolen_card", network="43", advice=_OTHER_CARD),
        Decline("transaction_not_allowed", network="57"),
        Decline("try_again_later", network="19", advice=_LATER),
        Decline("withdrawal_count_limit_exceeded", network="65", advice=_LATER),
    )
}
# Why banks return a debit, by code: there are no decline codes.
RETURNS: dict[str, Decline] = {
    code: Decline(None, code, message)
    for code, message in (
        ("account_closed", "The customer's bank account has been closed."),
        ("charge_exceeds_source_limit", "The payment exceeds the volume that is allowed for a week."),
        ("charge_exceeds_transaction_limit", "The payment exceeds the number that is allowed for a week."),
        ("debit_not_authorized", "The customer has told their bank that they did not authorize this payment."),
        ("insufficient_funds", "The customer's account has insufficient funds to cover this payment."),
        ("no_account", "The bank account could not be located."),
        ("payment_method_provider_decline", "The customer's bank declined the payment."),
    )
}
