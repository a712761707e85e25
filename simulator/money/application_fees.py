"""What a platform keeps of its accounts' payments."""

from simulator.accounts import application_id
from simulator.call import Call
from simulator.kinds import declare, nulls
from simulator.money.balance import book
from simulator.protocol.errors import StripeError
from simulator.protocol.lists import whole
from simulator.store import Doc

declare(
    "application_fee",
    prefix="fee",
    url="/v1/application_fees",
    title="application fee",
    links=("account", "charge"),
    template={"amount_refunded": 0, "refunded": False}
    | nulls("account amount application balance_transaction charge created currency fee_source")
    | nulls("originating_transaction refunds"),
    money=True,
)
declare(
    "fee_refund",
    prefix="fr",
    url="/v1/application_fees",
    title="application fee refund",
    links=("fee",),
    template={"metadata": {}} | nulls("amount balance_transaction created currency fee"),
    money=True,
    livemode=False,
)


def take_application_fee(call: Call, charge: Doc, amount: int, *, origin: str | None = None) -> Doc:
    """The platform earns ``amount`` of a charge on the account of the call, together with that charge's money.

    The charge's own balance transaction must be stored already and have the fee among its ``fees``. ``origin``: the
    platform's charge that the account's one was made of.
    """
    platform = call.on(call.store.platform(call.account))
    paid = call.get("balance_transaction", charge["balance_transaction"])
    doc = platform.new(
        "application_fee",
        account=call.account,
        amount=amount,
        application=application_id(platform.account),
        charge=charge["id"],
        currency=charge["currency"],
        fee_source={"charge": charge["id"], "type": "charge"},
        originating_transaction=origin,
    )
    entry = {"type": "application_fee", "amount": amount, "currency": charge["currency"], "source": doc["id"]}
    wait = max(0, paid["available_on"] - call.now)
    doc["balance_transaction"] = book(platform, **entry, available_after=wait)["id"]
    return platform.add("application_fee", _with_refunds(platform, doc), "application_fee.created")


def refund_application_fee(call: Call, fee: Doc, amount: int, metadata: dict[str, str]) -> Doc:
    """Give a part of a fee back to the account that paid it. The call is the platform's."""
    left = fee["amount"] - fee["amount_refunded"]
    if not 1 <= amount <= left:
        raise StripeError(f"Refund amount ({amount}) is greater than unrefunded amount on fee ({left})", param="amount")
    doc = call.new("fee_refund", amount=amount, currency=fee["currency"], fee=fee["id"], metadata=metadata)
    entry = {"type": "application_fee_refund", "amount": -amount, "currency": fee["currency"], "source": doc["id"]}
    doc["balance_transaction"] = book(call, **entry)["id"]
    back = {"type": "adjustment", "amount": amount, "currency": fee["currency"], "source": fee["charge"]}
    label = f"Application fee refund for {fee['charge']}"
    book(call.on(fee["account"]), **back, reporting_category="other_adjustment", description=label)
    call.add("fee_refund", doc)
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    call.save("application_fee", _with_refunds(call, fee), "application_fee.refunded")
    return doc


def _with_refunds(call: Call, fee: Doc) -> Doc:
    url = f"/v1/application_fees/{fee['id']}/refunds"
    return fee | {"refunds": whole(call.all("fee_refund", fee=fee["id"]), url)}
