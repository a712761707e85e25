"""Connected accounts, and the platform's own."""

from typing import Any

from simulator import accounts
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.money import payouts
from simulator.money.destinations import attach_given
from simulator.protocol.errors import StripeError
from simulator.store import Doc

_CURRENCIES = {
    "AU": "aud",
    "BR": "brl",
    "CA": "cad",
    "CH": "chf",
    "CZ": "czk",
    "DK": "dkk",
    "GB": "gbp",
    "HU": "huf",
    "IS": "isk",
    "JP": "jpy",
    "KE": "kes",
    "KW": "kwd",
    "NO": "nok",
    "PL": "pln",
    "SE": "sek",
    "US": "usd",
}
_COPIED = ("business_type", "default_currency", "email")
_HASHES = ("business_profile", "settings", "tos_acceptance")
_STANDARD = ("card_payments", "transfers")
# What the reason of a rejection makes the account say.
_REJECTED = {"terms_of_service": "rejected.platform_terms_of_service"}


@endpoint("GET", "/v1/account")
def retrieve_own(call: Call) -> Doc:
    return accounts.account(call)


@endpoint("POST", "/v1/accounts")
def create(call: Call) -> Doc:
    given = call.params
    kind = given.get("type") or ("none" if "controller" in given else "standard")
    country = given.get("country") or accounts.account(call)["country"]
    doc = call.new("account", type=kind, country=country, default_currency=_CURRENCIES.get(country, "eur"))
    doc["controller"] = _controller(kind, given.get("controller") or {})
    if kind == "standard":
        doc["capabilities"] = dict.fromkeys(_STANDARD, "inactive")
    doc = accounts.open_account(call, _filled(call, doc))
    if given.get("external_account"):
        inside = call.on(doc["id"])
        return accounts.set_external(inside, [attach_given(inside, given["external_account"])])
    return doc


@endpoint("GET", "/v1/accounts/{account}")
def retrieve(call: Call, account: str) -> Doc:
    return accounts.account(reached(call, account))


@endpoint("POST", "/v1/accounts/{account}")
def update(call: Call, account: str) -> Doc:
    inside = reached(call, account)
    doc = _filled(call, accounts.account(inside))
    doc = accounts.keep(inside, doc if accounts.own(inside) else accounts.reviewed(doc))
    if "settings" in call.params:
        payouts.reschedule(inside)
    if call.params.get("external_account"):
        new = attach_given(inside, call.params["external_account"])
        doc = accounts.set_external(inside, [*doc["external_accounts"]["data"], new])
    return doc


@endpoint("GET", "/v1/accounts")
def list_(call: Call) -> Doc:
    return call.page("account", connected=True)


@endpoint("DELETE", "/v1/accounts/{account}")
def delete(call: Call, account: str) -> Doc:
    inside = reached(call, account)
    if accounts.own(inside):
        raise StripeError("You cannot delete your own account.", status=403)
    if any(sum(funds) for funds in call.store.funds(account).values()):
        raise StripeError("This account cannot be deleted while its balance is not zero.")
    return accounts.close(inside)


@endpoint("POST", "/v1/accounts/{account}/reject")
def reject(call: Call, account: str) -> Doc:
    inside = reached(call, account)
    reason = call.params["reason"]
    fraud = "rejected.platform_fraud" if reason.startswith("fraud") else "rejected.platform_other"
    return _told(inside, _REJECTED.get(reason, fraud))


@endpoint("POST", "/v1/accounts/{account}/unreject")
def unreject(call: Call, account: str) -> Doc:
    return _told(reached(call, account), None)


def reached(call: Call, account: str) -> Call:
    """The same call on this account, which must be the caller's own or connected to it."""
    if account != call.account and call.store.platform(account) != call.account:
        raise StripeError(
            f"The provided key does not have access to account '{account}' (or that account does not exist). "
            "Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return call.on(account)


def _filled(call: Call, doc: Doc) -> Doc:
    """The account with what this request says of it."""
    given = call.params
    call.update(doc, *_COPIED)
    before = doc["settings"]["payouts"]
    for name in _HASHES:
        if given.get(name):
            doc[name] = accounts.deepened(doc[name], given[name])
    doc["settings"]["payouts"] = payouts.with_settings(before, (given.get("settings") or {}).get("payouts") or {})
    for name, wish in (given.get("capabilities") or {}).items():
        if wish.get("requested"):
            doc["capabilities"].setdefault(name, "inactive")
        else:
            doc["capabilities"].pop(name, None)
    return doc


def _controller(kind: str, given: Doc) -> Doc:
    if kind == "standard":
        return {"type": "account"}
    express, none = kind == "express", kind == "none"
    usual: dict[str, Any] = {
        "fees": {"payer": "account" if none else f"application_{kind}"},
        "is_controller": True,
        "losses": {"payments": "stripe" if none else "application"},
        "requirement_collection": "stripe" if express or none else "application",
        "stripe_dashboard": {"type": "express" if express else "full" if none else "none"},
        "type": "application",
    }
    return {name: accounts.deepened(value, given.get(name, value)) for name, value in usual.items()}


def _told(call: Call, reason: str | None) -> Doc:
    """The account is rejected for this reason, or none."""
    if accounts.own(call):
        raise StripeError("You can only reject accounts that are connected to yours.", status=403)
    doc = accounts.account(call)
    doc["requirements"]["disabled_reason"] = reason
    return accounts.keep(call, accounts.reviewed(doc))
