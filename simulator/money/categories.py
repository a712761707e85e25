"""Every type of balance transaction, and the reporting category that goes with it."""

# None: the category depends on the case, or Stripe's documents name none, so whoever books says it.
CATEGORIES: dict[str, str | None] = {
    "adjustment": None,
    "advance": "advance",
    "advance_funding": "advance_funding",
    "anticipation_repayment": "anticipation_repayment",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "charge": "charge",
    "climate_order_purchase": "climate_order_purchase",
    "climate_order_refund": "climate_order_refund",
    "connect_collection_transfer": "connect_collection_transfer",
    "contribution": "contribution",
    "fee_credit_funding": None,
    "inbound_transfer": None,
    "inbound_transfer_reversal": None,
    "issuing_authorization_hold": "issuing_authorization_hold",
    "issuing_authorization_release": "issuing_authorization_release",
    "issuing_dispute": "issuing_dispute",
    "issuing_dispute_provisional_credit": "issuing_dispute_provisional_credit",
    "issuing_dispute_provisional_credit_reversal": "issuing_dispute_provisional_credit_reversal",
    "issuing_transaction": "issuing_transaction",
    "obligation_outbound": "other_adjustment",
    "obligation_reversal_inbound": "other_adjustment",
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "payment_network_reserve_hold": "payment_network_reserve_hold",
    "payment_network_reserve_release": "payment_network_reserve_release",
    "payment_refund": "refund",
    "payment_reversal": None,
    "payment_unreconciled": None,
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "payout_minimum_balance_hold": "payout_minimum_balance_hold",
    "payout_minimum_balance_release": "payout_minimum_balance_release",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "reserve_hold": None,
    "reserve_release": None,
    "reserve_transaction": "connect_reserved_funds",
    "reserved_funds": "risk_reserved_funds",
    "stripe_balance_payment_debit": None,
    "stripe_balance_payment_debit_reversal": None,
    "stripe_fee": "fee",
    "stripe_fx_fee": None,
    "tax_fee": "tax",
    "tax_fund": None,
    "topup": "topup",
    "topup_reversal": "topup_reversal",
    "transfer": "transfer",
    "transfer_cancel": "transfer_reversal",
    "transfer_failure": "transfer_reversal",
    "transfer_refund": "transfer_reversal",
}
FEES = ("application_fee", "payment_method_passthrough_fee", "stripe_fee", "tax", "withheld_tax")
BALANCES = {"reserved_funds": "risk_reserved"}


def category(type_: str, given: str | None) -> str:
    """The reporting category of a type, unless another was given. LookupError: no such type, or it needs one."""
    found = given or CATEGORIES[type_]
    if found is None:
        raise LookupError(f"{type_} has no reporting category of its own: say which")
    return found
