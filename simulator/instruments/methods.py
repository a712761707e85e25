"""What customers pay with: payment methods, cards and tokens, and the test card or bank account behind each."""

from datetime import UTC, datetime
from typing import Any

from simulator.addresses import address
from simulator.call import Call
from simulator.instruments import banks, cards
from simulator.instruments.cards import Card
from simulator.instruments.declines import Decline
from simulator.protocol.errors import StripeError, declined, missing, missing_parameter
from simulator.store import Doc

_CONTACT = ("email", "name", "phone", "tax_id")
_OLD_BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "MasterCard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
# What can be paid with here: delayed are all but cards.
TYPES = ("card", "sepa_debit", "us_bank_account", "customer_balance")


def resolve(call: Call, name: str, *, param: str = "payment_method") -> Doc:
    """The payment method or card of this id; a test name makes a payment method. StripeError: there is none."""
    if name.startswith("pm_"):
        card = cards.named(name)
        if card:
            return _added(call, "card", card=card_hash(call, card, expiry(call)))
        bank = banks.named(name)
        if bank:
            return _added(call, bank[0], **{bank[0]: _bank_hash(bank[0], bank[1])})
    found = call.named(name)
    if found is None or found["object"] not in ("payment_method", "card") or found.get("deleted"):
        raise missing("PaymentMethod", name, param, status=400)
    return found


def create(call: Call, given: dict[str, Any]) -> Doc:
    """The payment method that parameters describe."""
    type_ = given.get("type")
    if type_ is None:
        raise missing_parameter("type")
    if type_ not in TYPES:
        raise StripeError(f"The payment method type {type_} is not enabled here.", param="type")
    if type_ != "customer_balance" and type_ not in given:
        raise missing_parameter(type_)
    details = _details(call, type_, given.get(type_) or {})
    billing = billing_details(given.get("billing_details"))
    if type_ == "card":
        _compare_address(details, billing)
    more: Doc = {"allow_redisplay": given.get("allow_redisplay", "unspecified"), "billing_details": billing}
    return _added(call, type_, **more, **{type_: details}, metadata=given.get("metadata") or {})


def present(call: Call, card: Card, until: tuple[int, int], billing: Doc, wallet: str | None = None) -> Doc:
    """The payment method of any card, as a browser or a telephone's wallet makes one; no request can."""
    details = card_hash(call, card, until)
    if wallet:
        details["wallet"] = {"dynamic_last4": None, "type": wallet, wallet: {}}
    shown = billing_details(billing)
    _compare_address(details, shown)
    return _added(call, "card", billing_details=shown, card=details)


def _added(call: Call, type_: str, **fields: Any) -> Doc:
    details = fields.pop(type_)
    doc = call.new("payment_method", type=type_, **fields)
    # Only the hash of its own type is there.
    doc[type_] = details
    return call.add("payment_method", doc)


def _details(call: Call, type_: str, given: dict[str, Any]) -> Doc:
    if type_ == "sepa_debit":
        return _bank_hash(type_, banks.numbered(given["iban"].replace(" ", "")))
    if type_ == "us_bank_account":
        if "account_number" not in given:
            raise missing_parameter("us_bank_account[account_number]")
        return _bank_hash(type_, banks.numbered(given["account_number"])) | {
            name: given[name] for name in ("account_holder_type", "account_type", "routing_number") if name in given
        }
    if type_ == "customer_balance":
        return {}
    if "token" in given:
        return from_token(call, given["token"])
    return card_hash(call, *typed_in(call, given))


def typed_in(call: Call, given: dict[str, Any]) -> tuple[Card, tuple[int, int]]:
    """Card and expiry as somebody types them. StripeError: they cannot be right."""
    if "number" not in given:
        raise missing_parameter("card[number]")
    card = cards.numbered(given["number"].replace(" ", ""))
    if card is None:
        raise declined("Your card number is incorrect.", code="incorrect_number", param="number")
    month, year = int(given.get("exp_month") or 0), int(given.get("exp_year") or 0)
    year += 2000 if 0 < year < 100 else 0
    today = datetime.fromtimestamp(call.now, UTC)
    if not 1 <= month <= 12:
        message = "Your card's expiration month is invalid."
        raise declined(message, code="invalid_expiry_month", param="exp_month")
    if (year, month) < (today.year, today.month) or year > today.year + 50:
        message = "Your card's expiration year is invalid."
        raise declined(message, code="invalid_expiry_year", param="exp_year")
    return card, (month, year)


def from_token(call: Call, name: str) -> Doc:
    """The card hash that a token stands for: a test token, or one made before, which works once."""
    card = cards.named(name) if name.startswith("tok_") else None
    if card:
        return card_hash(call, card, expiry(call))
    token = call.find("token", name)
    if token is None or token["type"] != "card":
        raise missing("token", name, "card[token]", status=400)
    if token["used"]:
        message = f"You cannot use a Stripe token more than once: {name}."
        raise StripeError(message, code="token_already_used", param="card[token]")
    call.save("token", token | {"used": True})
    return of_card(call, token["card"])


def of_card(call: Call, old: Doc) -> Doc:
    """The card hash of a card object."""
    shown = shown_card(old)
    made = card_hash(call, cards.behind(old["fingerprint"]), (old["exp_month"], old["exp_year"]))
    brand = shown["brand"]
    return made | shown | {"display_brand": brand, "networks": {"available": [brand], "preferred": None}}


def expiry(call: Call) -> tuple[int, int]:
    """Of test cards: a year from now."""
    today = datetime.fromtimestamp(call.now, UTC)
    return today.month, today.year + 1


def card_hash(call: Call, card: Card, until: tuple[int, int]) -> Doc:
    """What a payment method shows of a card."""
    checks = dict.fromkeys(("address_line1_check", "address_postal_code_check", "cvc_check"))
    checks |= {"cvc_check": "pass"} | dict.fromkeys(card.failed_checks, "fail")
    return {
        "brand": card.brand,
        "checks": checks,
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": until[0],
        "exp_year": until[1],
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure != "unsupported"},
        "wallet": None,
    }


def _bank_hash(type_: str, bank: banks.Bank) -> Doc:
    shown: Doc = {"fingerprint": bank.fingerprint, "last4": bank.number[-4:]}
    if type_ == "sepa_debit":
        code = bank.number[4:12] if bank.number[:2] == "DE" else bank.number[4:9]
        return shown | {"bank_code": code, "branch_code": "", "country": bank.number[:2], "generated_from": None}
    return shown | {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": banks.ROUTING_NUMBER,
        "status_details": None,
    }


def billing_details(given: dict[str, Any] | None) -> Doc:
    found = given or {}
    return {"address": address(found.get("address") or {})} | {name: found.get(name) for name in _CONTACT}


def _compare_address(details: Doc, billing: Doc) -> None:
    """What issuers compare, once there is an address."""
    checks = details["checks"]
    for check, field in (("address_line1_check", "line1"), ("address_postal_code_check", "postal_code")):
        if billing["address"][field] is not None:
            checks[check] = checks[check] or "pass"
        else:
            checks[check] = None


def type_of(method: Doc) -> str:
    """Payment methods have one; cards are of type card."""
    return str(method.get("type") or "card")


def fingerprint_of(method: Doc) -> str | None:
    own = method if method["object"] == "card" else method.get(method["type"]) or {}
    found = own.get("fingerprint")
    return str(found) if found else None


def card_behind(method: Doc) -> Card:
    return cards.behind(fingerprint_of(method))


def bank_behind(method: Doc) -> banks.Bank:
    return banks.behind(fingerprint_of(method))


def billing_of(method: Doc) -> Doc:
    """Name and address of whoever pays, as charges show them."""
    if method["object"] == "payment_method":
        return dict(method["billing_details"])
    place = {
        "city": method["address_city"],
        "country": method["address_country"],
        "line1": method["address_line1"],
        "line2": method["address_line2"],
        "postal_code": method["address_zip"],
        "state": method["address_state"],
    }
    return {"address": place, "email": None, "name": method["name"], "phone": None, "tax_id": None}


def shown_card(method: Doc) -> Doc:
    """What a charge repeats of a card."""
    if method["object"] == "payment_method":
        return dict(method["card"])
    return {name: method[name] for name in ("country", "exp_month", "exp_year", "fingerprint", "funding", "last4")} | {
        "brand": next(brand for brand, old in _OLD_BRANDS.items() if old == method["brand"]),
        "checks": {
            "address_line1_check": method["address_line1_check"],
            "address_postal_code_check": method["address_zip_check"],
            "cvc_check": method["cvc_check"],
        },
        "regulated_status": method["regulated_status"],
        "wallet": None,
    }


def old_brand(brand: str) -> str:
    """As cards (not payment methods) spell it."""
    return _OLD_BRANDS[brand]


def refuse_to_save(method: Doc) -> Decline | None:
    """Why this cannot be kept with a customer, if so: the issuer is asked when a card is saved."""
    if type_of(method) != "card":
        return None
    card = card_behind(method)
    return card.declined if card.when == "always" else None
