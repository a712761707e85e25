"""The bank accounts that a connected account is paid out to."""

from simulator import accounts
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.money.destinations import attach_given
from simulator.protocol.errors import StripeError
from simulator.resources.accounts import reached
from simulator.store import Doc

_UPDATED = ("account_holder_name", "account_holder_type", "account_type")


@endpoint("POST", "/v1/accounts/{account}/external_accounts")
def create(call: Call, account: str) -> Doc:
    inside = reached(call, account)
    doc = attach_given(inside, call.params["external_account"], metadata=call.params.get("metadata"))
    if call.params.get("default_for_currency"):
        doc = inside.save("bank_account", _preferred(inside, doc))
    inside.emit("account.external_account.created", doc)
    _show(inside)
    return doc


@endpoint("GET", "/v1/accounts/{account}/external_accounts")
def list_(call: Call, account: str) -> Doc:
    url = f"/v1/accounts/{account}/external_accounts"
    return reached(call, account).page("bank_account", url=url)


@endpoint("GET", "/v1/accounts/{account}/external_accounts/{id}")
def retrieve(call: Call, account: str, name: str) -> Doc:
    return reached(call, account).get("bank_account", name)


@endpoint("POST", "/v1/accounts/{account}/external_accounts/{id}")
def update(call: Call, account: str, name: str) -> Doc:
    inside = reached(call, account)
    doc = inside.update(inside.live("bank_account", name), *_UPDATED)
    if call.params.get("default_for_currency"):
        doc = _preferred(inside, doc)
    doc = inside.save("bank_account", doc, "account.external_account.updated")
    _show(inside)
    return doc


@endpoint("DELETE", "/v1/accounts/{account}/external_accounts/{id}")
def delete(call: Call, account: str, name: str) -> Doc:
    inside = reached(call, account)
    doc = inside.live("bank_account", name)
    if doc["default_for_currency"] and len(inside.all("bank_account", currency=doc["currency"])) > 1:
        raise StripeError("You cannot delete the default external account for a currency while it has others.")
    stub = inside.delete("bank_account", doc, "account.external_account.deleted")
    _show(inside)
    return stub


def _preferred(call: Call, doc: Doc) -> Doc:
    """The default of its currency from now on, which no other is any more."""
    for other in call.all("bank_account", currency=doc["currency"]):
        if other["default_for_currency"] and other["id"] != doc["id"]:
            call.save("bank_account", other | {"default_for_currency": False}, "account.external_account.updated")
    return doc | {"default_for_currency": True}


def _show(call: Call) -> None:
    accounts.set_external(call, call.all("bank_account"))
