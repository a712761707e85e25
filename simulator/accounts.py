"""Account objects: the platform's own, made as it is first seen, and those that are connected to it.

They are kept with the platform, where lists and expansions look for them; events of one happen on the account itself.
"""

from typing import Any

from simulator.call import Call
from simulator.events.emit import difference
from simulator.kinds import at, declare, nulls
from simulator.store import Doc

_ADDRESS = nulls("city country line1 line2 postal_code state")
_NOTHING_DUE: Doc = {"alternatives": [], "currently_due": [], "errors": [], "eventually_due": [], "past_due": []} | {
    "pending_verification": [],
    **nulls("current_deadline disabled_reason"),
}
_SETTINGS: Doc = {
    "bacs_debit_payments": nulls("display_name service_user_number"),
    "branding": nulls("icon logo primary_color secondary_color"),
    "card_issuing": {"tos_acceptance": nulls("date ip")},
    "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}}
    | nulls("statement_descriptor_prefix statement_descriptor_prefix_kana statement_descriptor_prefix_kanji"),
    "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
    "invoices": nulls("default_account_tax_ids hosted_payment_method_save"),
    "payments": nulls("statement_descriptor statement_descriptor_kana statement_descriptor_kanji")
    | nulls("statement_descriptor_prefix_kana statement_descriptor_prefix_kanji"),
    "payouts": {
        "debit_negative_balances": True,
        "schedule": {"delay_days": 2, "interval": "daily"},
        "statement_descriptor": None,
    },
    "sepa_debit_payments": {},
}

declare(
    "account",
    prefix="acct",
    url="/v1/accounts",
    template={
        "business_profile": nulls("estimated_worker_count mcc minority_owned_business_designation name")
        | nulls("product_description support_email support_phone support_url url")
        | {"annual_revenue": nulls("amount currency fiscal_year_end"), "support_address": _ADDRESS},
        "capabilities": {},
        "charges_enabled": False,
        "controller": {"type": "account"},
        "country": "FR",
        "default_currency": "eur",
        "details_submitted": False,
        "external_accounts": {"object": "list", "data": [], "has_more": False, "url": ""},
        "future_requirements": _NOTHING_DUE,
        "metadata": {},
        "payouts_enabled": False,
        "requirements": _NOTHING_DUE,
        "settings": _SETTINGS,
        "tos_acceptance": nulls("date ip user_agent"),
        "type": "standard",
    }
    | nulls("business_type created email"),
    livemode=False,
)

# What an account must tell before it may be paid. Stripe asks for more, and other things in each country.
_REQUIRED = ("business_profile.url", "tos_acceptance.date", "tos_acceptance.ip")
_ENABLED = ("charges_enabled", "details_submitted", "payouts_enabled")
# Platforms are older than any world.
_FOUNDED = 1735689600


def account(call: Call) -> Doc:
    """The account that the call works on."""
    found = _home(call).find("account", call.account)
    if found:
        return found
    doc = call.new("account", id=call.account, created=_FOUNDED, **dict.fromkeys(_ENABLED, True))
    doc["capabilities"] = {"card_payments": "active", "transfers": "active"}
    return _listing(doc, [])


def own(call: Call) -> bool:
    """Whether the call works on the platform itself."""
    return call.account == call.platform


def open_account(call: Call, doc: Doc) -> Doc:
    """A new account, connected to the account of the call."""
    call.store.connect(doc["id"], call.account)
    doc = call.add("account", reviewed(_listing(doc, [])))
    call.store.tie(call.account, "account", doc, "connected", "true")
    return doc


def keep(call: Call, doc: Doc) -> Doc:
    """Store a changed account; the account itself hears of it."""
    home, old = _home(call), account(call)
    changed = difference(old, doc)
    if home.find("account", doc["id"]) is None:
        home.add("account", doc)
    home.save("account", doc)
    if changed:
        call.emit("account.updated", doc, changed)
    return doc


def close(call: Call) -> Doc:
    """The account leaves its platform; what it holds is out of reach."""
    call.emit("account.application.deauthorized", application(call))
    stub = _home(call).delete("account", account(call))
    call.store.disconnect(call.account)
    return stub


def application(call: Call) -> Doc:
    """What the platform is to its accounts."""
    return {"id": application_id(call.platform), "object": "application", "name": "Platform"}


def application_id(platform: str) -> str:
    return f"ca_{platform.removeprefix('acct_')}"


def set_external(call: Call, externals: list[Doc]) -> Doc:
    """The account shows these bank accounts."""
    return keep(call, reviewed(_listing(account(call), externals)))


def reviewed(doc: Doc) -> Doc:
    """What is still due, and what the account may do because of it. A standard account is told nothing to do."""
    if str(doc["requirements"]["disabled_reason"]).startswith("rejected"):
        return doc | dict.fromkeys(("charges_enabled", "payouts_enabled"), False)
    due = [name for name in _REQUIRED if not at(doc, name)]
    due += [] if doc["external_accounts"]["data"] else ["external_account"]
    state: Doc = {"currently_due": due, "eventually_due": due, "past_due": due}
    state |= {"disabled_reason": "requirements.past_due" if due else None}
    doc |= {"requirements": doc["requirements"] | state} | dict.fromkeys(_ENABLED, not due)
    # Accounts with a dashboard of their own settle this with Stripe.
    status = "active" if not due or doc["type"] == "standard" else "inactive"
    return doc | {"capabilities": dict.fromkeys(doc["capabilities"], status)}


def deepened(old: Any, given: Any) -> Any:
    """``old`` with the entries of a hash that were given, at any depth."""
    if not (isinstance(old, dict) and isinstance(given, dict)):
        return given
    return old | {name: deepened(old.get(name), value) for name, value in given.items()}


def _home(call: Call) -> Call:
    return call.on(call.store.platform(call.account))


def _listing(doc: Doc, externals: list[Doc]) -> Doc:
    url = f"/v1/accounts/{doc['id']}/external_accounts"
    return doc | {"external_accounts": {"object": "list", "data": externals, "has_more": False, "url": url}}
