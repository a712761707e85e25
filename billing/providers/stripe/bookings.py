"""What Stripe's balance transactions are. Their category decides, since every dispute is an "adjustment"; their type
has to agree with it, and decides alone in forms that are older than categories."""

from collections.abc import Mapping

from billing.providers.events import Booking

_BY_CATEGORY: Mapping[str, Booking] = {
    "charge": Booking.PAYMENT,
    "charge_failure": Booking.PAYMENT,
    # The part of an authorised charge that was never captured was no income.
    "partial_capture_reversal": Booking.PAYMENT,
    "refund": Booking.REFUND,
    "refund_failure": Booking.REFUND,
    "dispute": Booking.DISPUTE,
    "dispute_reversal": Booking.DISPUTE,
    "fee": Booking.FEE,
    "network_cost": Booking.FEE,
    "tax": Booking.FEE,
    "platform_earning": Booking.EARNING,
    "platform_earning_refund": Booking.EARNING,
    "payout": Booking.PAYOUT,
    "payout_reversal": Booking.PAYOUT,
    "connect_reserved_funds": Booking.HOLD,
    "payment_network_reserve_hold": Booking.HOLD,
    "payment_network_reserve_release": Booking.HOLD,
    "payout_minimum_balance_hold": Booking.HOLD,
    "payout_minimum_balance_release": Booking.HOLD,
    "risk_reserved_funds": Booking.HOLD,
    "connect_collection_transfer": Booking.TRANSFER,
    "topup": Booking.TRANSFER,
    "topup_reversal": Booking.TRANSFER,
    "transfer": Booking.TRANSFER,
    "transfer_reversal": Booking.TRANSFER,
    "issuing_authorization_hold": Booking.ISSUING,
    "issuing_authorization_release": Booking.ISSUING,
    "issuing_disbursement": Booking.ISSUING,
    "issuing_dispute": Booking.ISSUING,
    "issuing_dispute_fraud_liability_debit": Booking.ISSUING,
    "issuing_dispute_provisional_credit": Booking.ISSUING,
    "issuing_dispute_provisional_credit_reversal": Booking.ISSUING,
    "issuing_transaction": Booking.ISSUING,
    "advance": Booking.ADJUSTMENT,
    "advance_funding": Booking.ADJUSTMENT,
    "anticipation_repayment": Booking.ADJUSTMENT,
    "climate_order_purchase": Booking.ADJUSTMENT,
    "climate_order_refund": Booking.ADJUSTMENT,
    "contribution": Booking.ADJUSTMENT,
    "other_adjustment": Booking.ADJUSTMENT,
    "unreconciled_customer_funds": Booking.ADJUSTMENT,
}


def _each(booking: Booking, types: str) -> dict[str, tuple[Booking, ...]]:
    return dict.fromkeys(types.split(), (booking,))


_BY_TYPE: Mapping[str, tuple[Booking, ...]] = {
    **_each(Booking.PAYMENT, "charge payment payment_failure_refund payment_reversal validation"),
    **_each(Booking.REFUND, "payment_refund refund_failure"),
    **_each(Booking.FEE, "stripe_fee stripe_fx_fee tax_fee"),
    **_each(Booking.EARNING, "application_fee application_fee_refund"),
    **_each(Booking.PAYOUT, "payout payout_cancel payout_failure"),
    **_each(Booking.HOLD, "payment_network_reserve_hold payment_network_reserve_release payout_minimum_balance_hold"),
    **_each(Booking.HOLD, "payout_minimum_balance_release reserve_hold reserve_release reserve_transaction"),
    **_each(Booking.HOLD, "reserved_funds"),
    **_each(Booking.TRANSFER, "connect_collection_transfer topup topup_reversal transfer transfer_cancel"),
    **_each(Booking.TRANSFER, "transfer_failure transfer_refund recipient_transfer recipient_transfer_cancel"),
    **_each(Booking.TRANSFER, "recipient_transfer_failure inbound_transfer inbound_transfer_reversal"),
    **_each(Booking.ISSUING, "issuing_authorization_hold issuing_authorization_release issuing_disbursement"),
    **_each(Booking.ISSUING, "issuing_dispute issuing_dispute_fraud_liability_debit issuing_transaction"),
    **_each(Booking.ISSUING, "issuing_dispute_provisional_credit issuing_dispute_provisional_credit_reversal"),
    **_each(Booking.ADJUSTMENT, "advance advance_funding anticipation_repayment climate_order_purchase"),
    **_each(Booking.ADJUSTMENT, "climate_order_refund climate_reservation_purchase climate_reservation_refund"),
    **_each(Booking.ADJUSTMENT, "contribution obligation_outbound obligation_reversal_inbound"),
    **_each(Booking.ADJUSTMENT, "transferred_to_balance_transaction"),
    "refund": (Booking.REFUND, Booking.PAYMENT),
    "adjustment": (Booking.DISPUTE, Booking.ADJUSTMENT),
    "adjusted_for_overdraft_transaction": (Booking.DISPUTE,),
}


def booking_of(type: str, category: str) -> Booking:  # noqa: A002
    """UNKNOWN for a type or category that is new here, and where the two do not agree. Without a category a type has
    to mean one thing; "refund" then is a refund, as partial captures came with the categories."""
    possible = _BY_TYPE.get(type, ())
    if category:
        told = _BY_CATEGORY.get(category, Booking.UNKNOWN)
        return told if told in possible else Booking.UNKNOWN
    if type == "refund":
        return Booking.REFUND
    return possible[0] if len(possible) == 1 else Booking.UNKNOWN
