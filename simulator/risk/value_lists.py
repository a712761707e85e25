"""Lists of values that payments are blocked or allowed by."""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address

from simulator.call import Call
from simulator.protocol.errors import StripeError
from simulator.store import Doc

LIST, ITEM = "radar.value_list", "radar.value_list_item"
MOST = 50_000
# What Stripe's own rules look at: a block list and an allow list of each.
DEFAULTS = {
    "card_bin": "card_bin",
    "card_country": "country",
    "card_fingerprint": "card_fingerprint",
    "charge_description": "string",
    "client_ip_address": "ip_address",
    "client_ip_country": "country",
    "customer_id": "customer_id",
    "email": "email",
}
_ALIAS = re.compile(r"[a-z0-9_]{1,100}")
_VALUE = 800


def _ip(value: str) -> str:
    return str(ip_address(value))


def _matching(pattern: str, change: Callable[[str], str] = str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, changed := change(value)):
            raise ValueError(value)
        return changed

    return check


# How a value of each type is written down. ValueError: it is none.
_WRITTEN: dict[str, Callable[[str], str]] = {
    "account": _matching(r"acct_\w+"),
    "card_bin": _matching(r"\d{6,8}"),
    "card_fingerprint": _matching(r"\w{1,100}"),
    "case_sensitive_string": str,
    "country": _matching(r"[A-Z]{2}", str.upper),
    "crypto_fingerprint": _matching(r"\w{1,100}"),
    "customer_id": _matching(r"cus_\w+"),
    "email": _matching(r"[^@\s]+(@[^@\s]+)?", str.lower),
    "ip_address": _ip,
    "sepa_debit_fingerprint": _matching(r"\w{1,100}"),
    "string": str.lower,
    "us_bank_account_fingerprint": _matching(r"\w{1,100}"),
}


def make(call: Call, *, alias: str, name: str, item_type: str, created_by: str) -> Doc:
    check_alias(call, alias)
    return call.add(LIST, call.new(LIST, alias=alias, name=name, item_type=item_type, created_by=created_by))


def check_alias(call: Call, alias: str) -> None:
    """StripeError: it is taken, or no alias."""
    if not _ALIAS.fullmatch(alias):
        message = "Invalid alias: use at most 100 lower-case letters, digits and underscores."
        raise StripeError(message, param="alias")
    if call.all(LIST, alias=alias):
        raise StripeError(f"A value list with the alias {alias} already exists.", param="alias")


def put(call: Call, list_: Doc, value: str, created_by: str) -> Doc:
    """Add an item. StripeError: no value of the list's type, a duplicate, or one too many."""
    written = spelling(list_, value)
    if written is None or len(written) > _VALUE:
        raise StripeError(f"Invalid value: {value!r} is no {list_['item_type']}.", param="value")
    if call.all(ITEM, value_list=list_["id"], value=written):
        raise StripeError(f"The value {written} already exists in this list.", param="value")
    if call.store.tied(call.account, ITEM, "value_list", list_["id"]) >= MOST:
        raise StripeError(f"A value list has at most {MOST} items.", param="value_list")
    return call.add(ITEM, call.new(ITEM, value_list=list_["id"], value=written, created_by=created_by))


def spelling(list_: Doc, value: str) -> str | None:
    """A value as the list writes it down; None: it is none of this type."""
    try:
        return _WRITTEN[list_["item_type"]](value) or None
    except ValueError:
        return None


def is_blocked(call: Call, details: Mapping[str, str | None]) -> str | None:
    """The alias of the block list that stops a payment with these details, named as in DEFAULTS.

    What is on an allow list passes. Without an e-mail address, the customer's counts.
    """
    lists = {list_["alias"]: list_ for list_ in call.all(LIST)}
    if not lists:
        return None
    if not details.get("email"):
        customer = call.find("customer", details.get("customer_id") or "") or {}
        details = {**details, "email": customer.get("email")}
    if any(_holding(call, lists, details, "allowlist")):
        return None
    return next(_holding(call, lists, details, "blocklist"), None)


def block_payer(call: Call, charge: Doc) -> None:
    """A refund as fraud puts the card and the e-mail addresses on the block lists."""
    card = charge["payment_method_details"].get("card") or {}
    customer = call.find("customer", charge["customer"]) if charge["customer"] else None
    _block(call, "card_fingerprint", card.get("fingerprint"))
    for email in (charge["receipt_email"], charge["billing_details"]["email"], (customer or {}).get("email")):
        _block(call, "email", email)


def _block(call: Call, what: str, value: str | None) -> None:
    alias = f"{what}_blocklist"
    found = call.all(LIST, alias=alias)
    name = f"{what.replace('_', ' ').capitalize()} block list"
    if value is None:
        return
    list_ = found[0] if found else make(call, alias=alias, name=name, item_type=DEFAULTS[what], created_by="stripe")
    written = spelling(list_, value)
    if written and not call.all(ITEM, value_list=list_["id"], value=written):
        put(call, list_, value, "stripe")


def _holding(call: Call, lists: Mapping[str, Doc], details: Mapping[str, str | None], suffix: str) -> Iterator[str]:
    """The lists of this purpose that hold one of the details."""
    for what in DEFAULTS:
        value, list_ = details.get(what), lists.get(f"{what}_{suffix}")
        written = spelling(list_, str(value)) if value and list_ else None
        if list_ and written and call.all(ITEM, value_list=list_["id"], value=written):
            yield list_["alias"]
