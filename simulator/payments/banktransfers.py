"""Bank transfers: customers fill a cash balance, and payment intents draw on it."""

from simulator.call import Call
from simulator.instruments import methods
from simulator.payments import charging, outcomes
from simulator.payments.charging import Order
from simulator.payments.settling import settle
from simulator.protocol.errors import StripeError
from simulator.store import Doc

_ACTION = "display_bank_transfer_instructions"
_KIND = "customer_cash_balance_transaction"
_BANKS = {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer", "usd": "us_bank_transfer"}


def held(call: Call, customer: str) -> dict[str, int]:
    """What a customer has sent and nothing has used yet, by currency."""
    found: dict[str, int] = {}
    for line in call.all(_KIND, customer=customer):
        found.setdefault(line["currency"], line["ending_balance"])
    return found


def fund(call: Call, customer: str, amount: int, currency: str, reference: str | None) -> Doc:
    """A transfer arrives; payment intents that wait for it are paid, oldest first."""
    kind = _bank(currency)
    details: Doc = {"reference": reference, "type": kind, kind: {}}
    line = _write(call, customer, amount, currency, "funded", {"bank_transfer": details})
    for intent in reversed(call.all("payment_intent", customer=customer, status="requires_action")):
        if (intent["next_action"] or {}).get("type") == _ACTION and intent["currency"] == currency:
            _draw(call, intent)
    return line


def ask_for_transfer(call: Call, intent: Doc) -> Doc:
    """Paid from what the customer has sent, or waiting for a transfer."""
    if intent["customer"] is None:
        message = "Payments by bank transfer need a customer."
        raise StripeError(message, code="parameter_missing", param="customer")
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "type": _ACTION,
        _ACTION: {
            "amount_remaining": intent["amount"],
            "currency": intent["currency"],
            "hosted_instructions_url": f"https://payments.stripe.com/bank_transfers/instructions/{intent['id']}",
            "reference": call.chance.text("transfer_reference", 12).upper(),
            "type": _bank(intent["currency"]),
        },
    }
    if held(call, intent["customer"]).get(intent["currency"]):
        _draw(call, intent)
    else:
        call.save("payment_intent", intent, "payment_intent.requires_action")
    return call.get("payment_intent", intent["id"])


def _draw(call: Call, intent: Doc) -> None:
    """Use what the customer has sent, as far as it goes."""
    wanted = intent["next_action"][_ACTION]
    there = held(call, intent["customer"]).get(intent["currency"], 0)
    used = min(there, wanted["amount_remaining"])
    if not used:
        return
    details = {"payment_intent": intent["id"]}
    _write(call, intent["customer"], -used, intent["currency"], "applied_to_payment", details)
    wanted["amount_remaining"] -= used
    if wanted["amount_remaining"]:
        call.save("payment_intent", intent, "payment_intent.partially_funded")
        return
    method = methods.resolve(call, intent["payment_method"])
    order = Order(
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        intent=intent["id"],
        fields=charging.copied(intent),
    )
    charge = charging.paid(call, method, order)
    settle(call, charge)
    call.add("charge", charge, "charge.succeeded")
    intent |= {"latest_charge": charge["id"], "next_action": None}
    outcomes.succeeded(call, intent, charge)


def _write(call: Call, customer: str, amount: int, currency: str, type_: str, details: Doc) -> Doc:
    line = call.new(
        _KIND,
        currency=currency,
        customer=customer,
        ending_balance=held(call, customer).get(currency, 0) + amount,
        net_amount=amount,
        type=type_,
    )
    line[type_] = details
    return call.add(_KIND, line, f"{_KIND}.created")


def _bank(currency: str) -> str:
    """How money of this currency is sent."""
    if currency not in _BANKS:
        raise StripeError(f"No bank transfers in {currency}.", param="currency")
    return _BANKS[currency]
