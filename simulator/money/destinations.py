"""Where payouts go: the bank accounts of an account."""

from hashlib import sha256

from simulator import accounts
from simulator.call import Call
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing
from simulator.store import Doc

_NOTHING_DUE: Doc = {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}

declare(
    "bank_account",
    prefix="ba",
    url="/v1/external_accounts",
    title="external account",
    links=("currency",),
    template={
        "available_payout_methods": ["standard", "instant"],
        "bank_name": "STRIPE TEST BANK",
        "default_for_currency": False,
        "future_requirements": _NOTHING_DUE,
        "metadata": {},
        "requirements": _NOTHING_DUE,
        "status": "new",
    }
    | nulls("account account_holder_name account_holder_type account_type country currency customer fingerprint last4")
    | nulls("routing_number"),
    livemode=False,
)
_US = {"object": "bank_account", "account_number": "000123456789", "country": "US", "currency": "usd"}
_TOKENS: dict[str, Doc] = {
    "btok_us": _US | {"routing_number": "110000000"},
    "btok_us_verified": _US | {"routing_number": "110000000"},
    "btok_de": _US | {"account_number": "DE89370400440532013000", "country": "DE", "currency": "eur"},
}
_PLATFORMS_OWN = "DE89370400440532013000"


def attach(call: Call, number: str, *, country: str, currency: str, **more: object) -> Doc:
    """A bank account for payouts to the account of the call; the first one of a currency is its default."""
    doc = call.new("bank_account", account=call.account, country=country, currency=currency, last4=number[-4:], **more)
    doc["fingerprint"] = sha256(number.encode()).hexdigest()[:16]
    doc["default_for_currency"] = not call.all("bank_account", currency=currency)
    return call.add("bank_account", doc)


def attach_given(call: Call, given: str | Doc, metadata: dict[str, str] | None = None) -> Doc:
    """The bank account that a caller describes, or the test token of one."""
    if isinstance(given, str):
        if given not in _TOKENS:
            raise missing("token", given, "external_account", status=400)
        given = _TOKENS[given]
    if given["object"] != "bank_account":
        raise StripeError("Payouts go to bank accounts only here.", param="external_account[object]")
    named = {name: given.get(name) for name in ("account_holder_name", "account_holder_type", "routing_number")}
    currency = (given.get("currency") or accounts.account(call)["default_currency"]).lower()
    named["metadata"] = metadata or {}
    return attach(call, given["account_number"], country=given["country"], currency=currency, **named)


def destination(call: Call, currency: str, name: str | None = None) -> Doc:
    """The bank account of this id, or the default of the currency. StripeError: there is none.

    A platform has one for each currency that it needs; a connected account has those that it was given.
    """
    if name:
        return call.live("bank_account", name, param="destination")
    found = default(call, currency)
    if found is None:
        raise StripeError(f"Sorry, you don't have any external accounts in that currency ({currency})")
    return found


def default(call: Call, currency: str) -> Doc | None:
    for doc in call.all("bank_account", currency=currency):
        if doc["default_for_currency"]:
            return doc
    return attach(call, _PLATFORMS_OWN, country="DE", currency=currency) if accounts.own(call) else None
