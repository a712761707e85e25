"""What platform and account owe each other of a charge: application fees, and transfers of destination charges."""

from simulator import accounts
from simulator.call import Call
from simulator.money.application_fees import refund_application_fee, take_application_fee
from simulator.money.transfers import reverse, transfer
from simulator.protocol.errors import StripeError
from simulator.store import Doc


def withheld(call: Call, charge: Doc) -> list[tuple[str, int, str]]:
    """The application fee that a charge on a connected account pays, for its balance transaction."""
    amount = charge["application_fee_amount"]
    if not amount or charge["transfer_data"] or charge["application_fee"] or accounts.own(call):
        return []
    return [("application_fee", amount, "application fee")]


def share(call: Call, charge: Doc, amount: int, fees: list[tuple[str, int, str]]) -> None:
    """Pass on what is others'. The balance transaction of the charge is stored, the charge is not."""
    for _, fee, _ in fees:
        charge["application"] = accounts.application_id(call.store.platform(call.account))
        charge["application_fee"] = take_application_fee(call, charge, fee)["id"]
    data = charge["transfer_data"]
    if data and not charge.get("transfer"):
        # Either a part is sent, or all of it and the fee comes back.
        fee = charge["application_fee_amount"] or 0
        sent = amount if data.get("amount") is None else data["amount"]
        made = transfer(call, data["destination"], amount=sent, currency=charge["currency"], source=charge, fee=fee)
        charge |= {"transfer": made["id"], "transfer_group": made["transfer_group"]}


def take_back(call: Call, charge: Doc, refund: Doc, *, transfer: bool, fee: bool) -> Doc:
    """With a refund, the same share of the transfer and of the application fee. StripeError: there is none."""
    sent = charge.get("transfer")
    if transfer and not sent:
        message = "This charge was not sent on to an account: there is no transfer to reverse."
        raise StripeError(message, param="reverse_transfer")
    if fee:
        _return_fee(call, charge, refund)
    if transfer:
        doc = call.get("transfer", str(sent))
        left = doc["amount"] - doc["amount_reversed"]
        amount = min(left, doc["amount"] * refund["amount"] // charge["amount"])
        made = reverse(call, doc, amount, metadata={}, refund=refund["id"])
        refund = call.save("refund", refund | {"transfer_reversal": made["id"]})
    return refund


def _return_fee(call: Call, charge: Doc, refund: Doc) -> None:
    platform = call.on(call.store.platform(call.account))
    sent = charge.get("transfer")
    paid_by = call.get("transfer", sent)["destination_payment"] if sent else charge["id"]
    fees = platform.all("application_fee", charge=paid_by)
    if not fees:
        raise StripeError("This charge paid no application fee.", param="refund_application_fee")
    [fee] = fees
    left = fee["amount"] - fee["amount_refunded"]
    amount = min(left, fee["amount"] * refund["amount"] // charge["amount"])
    if amount:
        refund_application_fee(platform, fee, amount, {})
