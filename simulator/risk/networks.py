"""The reason codes of the card networks, by Stripe's reasons."""

from simulator.call import Call
from simulator.store import Doc

REASONS = (
    *("bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized"),
    *("duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant"),
    *("product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized"),
)
CODES: dict[str, dict[str, str]] = {
    "visa": {
        "credit_not_processed": "13.6 13.7",
        "duplicate": "12.6.1 12.6.2",
        "fraudulent": "33 10.1 10.2 10.3 10.4 10.5",
        "general": "28 30 34 11.1 11.2 11.3 12.1 12.2 12.3 12.4 12.5 12.7 13.8",
        "noncompliant": "C028 C030 C031 C034 C035 C036 C038 C045 C048 C050 C071 C081 C0135",
        "product_not_received": "13.1 13.9",
        "product_unacceptable": "13.3 13.4 13.5",
        "subscription_canceled": "13.2",
    },
    "mastercard": {
        "credit_not_processed": "4860",
        "duplicate": "4834",
        "fraudulent": "6341 4837 4849 4870 4871",
        "general": (
            "6305 6322 6323 6342 6343 6390 4808 4807 4812 4859 4831 4842 4846 4901 4902 4903 4905 4908 4968 4840"
        ),
        "product_not_received": "4855",
        "product_unacceptable": "4853",
        "subscription_canceled": "4841",
        "unrecognized": "6321 4863",
    },
    "amex": {
        "credit_not_processed": "A01 C02 C04 C05 C18 P03 P05 061 062 154 158 170 175 680",
        "duplicate": "C14 P08 173 684",
        "fraudulent": "F10 F24 F29 F30 F31 FR2 FR4 FR5 FR6 177 193",
        "general": (
            "A02 A08 M10 R03 R13 M01 P01 P04 P07 P22 P23 M04 M11 M36 M38 M39 M42 S01 S04 OP1 147 169 693 S02 S03"
        ),
        "product_not_received": "C08 004 155",
        "product_unacceptable": "C31 C32 024 059 063",
        "subscription_canceled": "C28 021",
        "unrecognized": "127 176 691",
    },
    "discover": {
        "credit_not_processed": "8002",
        "duplicate": "4534 4865",
        "fraudulent": "6041 4866 4867 7010 7030",
        "general": "6021 6005 6040 4542 4550 4553 4586 4752 4753 4757 4762 4863 6050",
        "product_not_received": "4755 4864",
        "subscription_canceled": "4541",
    },
}
# How the codes of requests for information begin; every other one is a chargeback's.
_INQUIRIES = {"visa": ("28", "30", "33", "34"), "mastercard": ("63",), "discover": ("60",)}
# No response is possible, and no fee is taken.
UNCONTESTED = "cartes_bancaires"
_OTHERS: dict[str, Doc] = {
    "amazon_pay": {"dispute_type": "chargeback"},
    "klarna": {"chargeback_loss_reason_code": None, "reason_code": None},
    "paypal": {"case_id": None, "reason_code": None},
}


def code(call: Call, network: str, reason: str, case_type: str) -> str | None:
    """One of the network's codes for the reason, drawn; None where it has none."""
    codes = CODES.get(network, {}).get(reason, "").split()
    fitting = [name for name in codes if _asks(network, name) is (case_type == "inquiry")]
    return call.chance.pick("network_code", fitting or codes) if codes else None


def details(charge: Doc, case_type: str, reason_code: str | None) -> Doc | None:
    """``payment_method_details`` of a dispute; None for methods that it does not show, such as direct debits."""
    paid_by = charge["payment_method_details"]
    type_ = paid_by["type"]
    if type_ == "card":
        card = {"brand": paid_by["card"]["brand"], "case_type": case_type, "network": network_of(charge)}
        return {"card": card | {"network_reason_code": reason_code}, "type": "card"}
    return {type_: _OTHERS[type_], "type": type_} if type_ in _OTHERS else None


def network_of(charge: Doc) -> str:
    """The card's network, or the empty string."""
    card = charge["payment_method_details"].get("card") or {}
    return str(card.get("network") or card.get("brand") or "")


def _asks(network: str, name: str) -> bool:
    return name.isdigit() if network == "amex" else name.startswith(_INQUIRIES.get(network, ("-",)))
