"""Money between a platform and its accounts. At the account it arrives as a payment."""

from typing import Any

from simulator import ids
from simulator.call import Call
from simulator.kinds import declare, nulls
from simulator.money.application_fees import take_application_fee
from simulator.money.balance import book, funds
from simulator.protocol.errors import StripeError, missing
from simulator.protocol.lists import whole
from simulator.store import Doc

declare(
    "transfer",
    prefix="tr",
    url="/v1/transfers",
    links=("destination", "source_transaction", "transfer_group"),
    template={"amount_reversed": 0, "metadata": {}, "reversed": False, "source_type": "card"}
    | nulls("amount balance_transaction created currency description destination destination_payment reversals")
    | nulls("source_transaction transfer_group"),
    money=True,
)
declare(
    "transfer_reversal",
    prefix="trr",
    url="/v1/transfers",
    title="transfer reversal",
    links=("transfer",),
    template={"metadata": {}}
    | nulls("amount balance_transaction created currency destination_payment_refund source_refund transfer"),
    money=True,
    livemode=False,
)
_TOO_LITTLE = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance "
    "by creating Charges using the 4000000000000077 test card."
)


def transfer(
    call: Call, destination: str, *, amount: int, currency: str, source: Doc | None = None, fee: int = 0, **more: Any
) -> Doc:
    """Send money to a connected account. ``source``: the charge that it comes from, and with whose money it becomes
    available. ``fee`` comes back at once as an application fee."""
    _check(call, destination, amount, currency, source)
    doc = call.new("transfer", amount=amount, currency=currency, destination=destination, **more)
    doc["source_transaction"] = source["id"] if source else None
    doc["transfer_group"] = doc["transfer_group"] or (
        f"group_{source['payment_intent'] or source['id']}" if source else None
    )
    wait = _wait(call, source)
    entry = {"type": "transfer", "amount": -amount, "currency": currency, "source": doc["id"]}
    doc["balance_transaction"] = book(call, **entry, available_after=wait, description=doc["description"])["id"]
    doc["destination_payment"] = _arrived(call.on(destination), doc, wait, fee)["id"]
    return call.add("transfer", _with_reversals(call, doc), "transfer.created")


def reverse(call: Call, doc: Doc, amount: int, *, metadata: dict[str, str], refund: str | None = None) -> Doc:
    """Take a part of a transfer back, which is a refund of the payment at the other end."""
    if not 1 <= amount <= doc["amount"] - doc["amount_reversed"]:
        left = doc["amount"] - doc["amount_reversed"]
        raise StripeError(f"Reversal amount ({amount}) is greater than the unreversed amount ({left}).", param="amount")
    inside = call.on(doc["destination"])
    if sum(funds(inside, doc["currency"])) < amount:
        raise StripeError(
            "The connected account has insufficient funds to reverse this transfer.", code="balance_insufficient"
        )
    made = call.new("transfer_reversal", amount=amount, currency=doc["currency"], transfer=doc["id"], metadata=metadata)
    entry = {"type": "transfer_refund", "amount": amount, "currency": doc["currency"], "source": made["id"]}
    made |= {"balance_transaction": book(call, **entry)["id"], "source_refund": refund}
    made["destination_payment_refund"] = _refunded(inside, doc, made)["id"]
    call.add("transfer_reversal", made)
    doc["amount_reversed"] += amount
    doc["reversed"] = doc["amount_reversed"] == doc["amount"]
    call.save("transfer", _with_reversals(call, doc), "transfer.reversed")
    return made


def _check(call: Call, destination: str, amount: int, currency: str, source: Doc | None) -> None:
    account = call.find("account", destination)
    if account is None or account.get("deleted") or call.store.platform(destination) != call.account:
        raise missing("destination", destination, "destination", status=400)
    if account["capabilities"].get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    if source is None:
        if funds(call, currency)[0] < amount:
            raise StripeError(_TOO_LITTLE, code="balance_insufficient")
        return
    sent = sum(other["amount"] for other in call.all("transfer", source_transaction=source["id"]))
    if not source["paid"] or sent + amount > source["amount"] - source["amount_refunded"]:
        raise StripeError("Transfers using this transaction as a source must not exceed its amount.", param="amount")


def _wait(call: Call, source: Doc | None) -> int:
    """How many seconds until what the transfer is made of is available."""
    if source is None or not source["balance_transaction"]:
        return 0
    txn = call.get("balance_transaction", source["balance_transaction"])
    return max(0, int(txn["available_on"]) - call.now)


def _arrived(call: Call, transfer: Doc, wait: int, fee: int) -> Doc:
    """The payment at the account that gets the money."""
    amount, currency = transfer["amount"], transfer["currency"]
    doc = call.new("charge", id=ids.new_id(call.chance, "py"), amount=amount, currency=currency)
    doc |= {"amount_captured": amount, "captured": True, "paid": True, "status": "succeeded"}
    doc |= {"payment_method_details": {"stripe_account": {}, "type": "stripe_account"}}
    doc |= {"source_transfer": transfer["id"], "transfer_group": transfer["transfer_group"]}
    fees = [("application_fee", fee, "application fee")] if fee else []
    entry = {"type": "payment", "amount": amount, "currency": currency, "source": doc["id"]}
    doc["balance_transaction"] = book(call, **entry, fees=fees, available_after=wait)["id"]
    if fee:
        doc |= {"application_fee_amount": fee}
        doc["application_fee"] = take_application_fee(call, doc, fee, origin=transfer["source_transaction"])["id"]
    return call.add("charge", doc)


def _refunded(call: Call, transfer: Doc, reversal: Doc) -> Doc:
    """The refund at the account that gives the money back."""
    amount, payment = reversal["amount"], call.get("charge", transfer["destination_payment"])
    doc = call.new("refund", id=ids.new_id(call.chance, "pyr"), amount=amount, currency=transfer["currency"])
    doc |= {"charge": payment["id"], "status": "succeeded", "source_transfer_reversal": reversal["id"]}
    entry = {"type": "payment_refund", "amount": -amount, "currency": transfer["currency"], "source": doc["id"]}
    doc["balance_transaction"] = book(call, **entry)["id"]
    total = payment["amount_refunded"] + amount
    call.save("charge", payment | {"amount_refunded": total, "refunded": total == payment["amount"]})
    return call.add("refund", doc)


def _with_reversals(call: Call, doc: Doc) -> Doc:
    url = f"/v1/transfers/{doc['id']}/reversals"
    return doc | {"reversals": whole(call.all("transfer_reversal", transfer=doc["id"]), url)}
