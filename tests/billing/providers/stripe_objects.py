"""One object of each mirrored kind in the form of today, so told that no neutral field comes out empty."""

from typing import Any

T0 = 1_795_000_000

PAYMENT_INTENT: dict[str, Any] = {
    "id": "pi_3Rt",
    "object": "payment_intent",
    "amount": 4200,
    "amount_capturable": 0,
    "amount_received": 4200,
    "cancellation_reason": "requested_by_customer",
    "canceled_at": None,
    "capture_method": "automatic_async",
    "created": T0,
    "currency": "eur",
    "customer": "cus_7",
    "description": "Order 1042",
    "last_payment_error": {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    },
    "latest_charge": "ch_3Rt",
    "livemode": False,
    "metadata": {"order_id": "1042"},
    "receipt_email": "ada@example.com",
    "statement_descriptor": "TENTS",
    "status": "succeeded",
}

CARD = {
    "brand": "visa",
    "checks": {"cvc_check": "pass"},
    "country": "FR",
    "exp_month": 8,
    "exp_year": 2031,
    "fingerprint": "AOB934RVNwzk6xtn",
    "funding": "credit",
    "last4": "4242",
    "network": "visa",
    "wallet": {"type": "apple_pay", "dynamic_last4": "4242"},
}
BILLING = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": None, "address": {"country": "FR"}}

CHARGE: dict[str, Any] = {
    "id": "ch_3Rt",
    "object": "charge",
    "amount": 4200,
    "amount_captured": 4200,
    "amount_refunded": 700,
    "balance_transaction": "txn_1",
    "billing_details": BILLING,
    "calculated_statement_descriptor": "TENTS",
    "captured": True,
    "created": T0,
    "currency": "eur",
    "customer": "cus_7",
    "description": "Order 1042",
    "disputed": False,
    "failure_code": "card_declined",
    "failure_message": "Your card has insufficient funds.",
    "livemode": False,
    "metadata": {"order_id": "1042"},
    "outcome": {
        "network_status": "approved_by_network",
        "reason": "elevated_risk_level",
        "risk_level": "elevated",
        "risk_score": 66,
        "seller_message": "Payment complete.",
        "type": "authorized",
    },
    "paid": True,
    "payment_intent": "pi_3Rt",
    "payment_method": "pm_1",
    "payment_method_details": {"card": CARD, "type": "card"},
    "receipt_email": None,
    "refunded": False,
    "statement_descriptor": None,
    "status": "succeeded",
}

CUSTOMER: dict[str, Any] = {
    "id": "cus_7",
    "object": "customer",
    "balance": 0,
    "created": T0,
    "currency": "eur",
    "default_source": None,
    "description": "Met at the fair",
    "email": "ada@example.com",
    "invoice_settings": {"default_payment_method": "pm_1"},
    "livemode": False,
    "metadata": {"crm": "88"},
    "name": "Ada Lovelace",
    "phone": "+33 1 23 45 67 89",
}

PAYMENT_METHOD: dict[str, Any] = {
    "id": "pm_1",
    "object": "payment_method",
    "allow_redisplay": "always",
    "billing_details": BILLING,
    "card": CARD,
    "created": T0,
    "customer": "cus_7",
    "livemode": False,
    "metadata": {"label": "work"},
    "type": "card",
}

REFUND: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "amount": 700,
    "balance_transaction": "txn_2",
    "charge": "ch_3Rt",
    "created": T0,
    "currency": "eur",
    "description": "One tent came back",
    "destination_details": {
        "type": "card",
        "card": {
            "reference": "74512345678901234567890",
            "reference_status": "available",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
    },
    "failure_balance_transaction": "txn_3",
    "failure_reason": "expired_or_canceled_card",
    "metadata": {"ticket": "9"},
    "payment_intent": "pi_3Rt",
    "pending_reason": "processing",
    "reason": "requested_by_customer",
    "status": "failed",
}

WITHDRAWAL: dict[str, Any] = {
    "id": "txn_4",
    "object": "balance_transaction",
    "amount": -4200,
    "currency": "eur",
    "fee": 2000,
    "fee_details": [{"amount": 2000, "currency": "eur", "description": "Dispute fee", "type": "stripe_fee"}],
    "net": -6200,
    "reporting_category": "dispute",
    "type": "adjustment",
}
REINSTATEMENT = {**WITHDRAWAL, "id": "txn_5", "amount": 4200, "fee": 0, "net": 4200}

DISPUTE: dict[str, Any] = {
    "id": "du_1",
    "object": "dispute",
    "amount": 4200,
    "balance_transactions": [WITHDRAWAL],
    "charge": "ch_3Rt",
    "created": T0,
    "currency": "eur",
    "enhanced_eligibility_types": [],
    "evidence": {
        "customer_name": "Ada Lovelace",
        "receipt": "file_1",
        "service_date": None,
        "enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}},
    },
    "evidence_details": {
        "due_by": T0 + 700_000,
        "has_evidence": True,
        "past_due": True,
        "submission_count": 1,
        "submission_method": "manual",
        "enhanced_eligibility": {},
    },
    "is_charge_refundable": True,
    "livemode": False,
    "metadata": {"case": "12"},
    "payment_intent": "pi_3Rt",
    "payment_method_details": {
        "type": "card",
        "card": {"brand": "visa", "network": "visa", "case_type": "chargeback", "network_reason_code": "10.4"},
    },
    "reason": "fraudulent",
    "status": "prevented",
}

WARNING: dict[str, Any] = {
    "id": "issfr_1",
    "object": "radar.early_fraud_warning",
    "actionable": True,
    "charge": "ch_3Rt",
    "created": T0,
    "fraud_type": "made_with_stolen_card",
    "livemode": False,
    "payment_intent": "pi_3Rt",
}

REVIEW: dict[str, Any] = {
    "id": "prv_1",
    "object": "review",
    "billing_zip": "75002",
    "charge": "ch_3Rt",
    "closed_reason": "approved",
    "created": T0,
    "ip_address": "203.0.113.10",
    "ip_address_location": {"city": "Paris", "country": "FR", "latitude": 48.85, "longitude": 2.35, "region": "IDF"},
    "livemode": False,
    "open": False,
    "opened_reason": "rule",
    "payment_intent": "pi_3Rt",
    "reason": "approved",
    "session": None,
}

PAYOUT: dict[str, Any] = {
    "id": "po_1",
    "object": "payout",
    "amount": 91_250,
    "arrival_date": T0 + 86_400,
    "automatic": True,
    "balance_transaction": "txn_6",
    "created": T0,
    "currency": "eur",
    "description": "STRIPE PAYOUT",
    "destination": "ba_1",
    "failure_balance_transaction": "txn_7",
    "failure_code": "account_closed",
    "failure_message": "The bank account has been closed",
    "livemode": False,
    "metadata": {"batch": "3"},
    "method": "standard",
    "original_payout": None,
    "reconciliation_status": "completed",
    "source_type": "card",
    "statement_descriptor": "TENTS",
    "status": "failed",
    "trace_id": {"status": "supported", "value": "FTZ0001"},
    "type": "bank_account",
}

BALANCE_TRANSACTION: dict[str, Any] = {
    "id": "txn_1",
    "object": "balance_transaction",
    "amount": 3811,
    "available_on": T0 + 172_800,
    "balance_type": "payments",
    "created": T0,
    "currency": "gbp",
    "description": "Order 1042",
    "exchange_rate": 0.90738,
    "fee": 98,
    "fee_details": [{"amount": 98, "currency": "gbp", "description": "Stripe processing fees", "type": "stripe_fee"}],
    "net": 3713,
    "reporting_category": "charge",
    "source": "ch_3Rt",
    "status": "available",
    "type": "charge",
}

INVOICE: dict[str, Any] = {
    "id": "in_1",
    "object": "invoice",
    "amount_due": 5040,
    "amount_overpaid": 0,
    "amount_paid": 4000,
    "amount_remaining": 1040,
    "collection_method": "charge_automatically",
    "created": T0,
    "currency": "eur",
    "customer": "cus_7",
    "customer_email": "ada@example.com",
    "description": "Tents for the summer camp",
    "due_date": T0 + 600_000,
    "lines": {
        "object": "list",
        "data": [{"id": "il_1", "amount": 4200, "currency": "eur", "description": "Tent", "quantity": 3}],
        "has_more": False,
    },
    "livemode": False,
    "metadata": {"order_id": "1042"},
    "number": "EE1DF78D-0001",
    "status": "paid",
    "status_transitions": {"finalized_at": T0 + 60, "marked_uncollectible_at": None, "paid_at": T0 + 90},
    "subtotal": 4200,
    "total": 5040,
    "total_excluding_tax": 4200,
    "total_taxes": [{"amount": 840, "tax_behavior": "exclusive", "type": "tax_rate_details"}],
}

ACCOUNT: dict[str, Any] = {
    "id": "acct_1",
    "object": "account",
    "business_profile": {"name": "Tents & Co", "mcc": "5941"},
    "charges_enabled": True,
    "country": "FR",
    "created": T0,
    "default_currency": "eur",
    "details_submitted": True,
    "email": "owner@example.com",
    "metadata": {},
    "payouts_enabled": True,
    "settings": {"dashboard": {"display_name": "Tents", "timezone": "Europe/Paris"}},
    "type": "standard",
}

# Kind by kind, under the names that Stripe gives objects.
COMPLETE: dict[str, dict[str, Any]] = {
    source["object"]: source
    for source in (
        *(PAYMENT_INTENT, CHARGE, CUSTOMER, PAYMENT_METHOD, REFUND, DISPUTE),
        *(WARNING, REVIEW, PAYOUT, BALANCE_TRANSACTION, INVOICE, ACCOUNT),
    )
}


def event(kind: str, source: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "type": kind, "created": T0, "data": {"object": source}, **fields}
