"""Cash balances of customers who pay by bank transfer."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.money.currencies import check_amount
from simulator.payments.banktransfers import fund, held
from simulator.store import Doc

_LINES = "customer_cash_balance_transaction"
_PATH = "/v1/customers/{customer}/cash_balance_transactions"

declare(
    _LINES,
    prefix="ccsbtxn",
    url=_PATH,
    links=("customer",),
    template={"ending_balance": 0, "net_amount": 0} | nulls("created currency customer customer_account type"),
)


@endpoint("GET", "/v1/customers/{customer}/cash_balance")
def retrieve(call: Call, customer: str) -> Doc:
    call.live("customer", customer)
    return _balance(call, customer)


@endpoint("GET", _PATH)
def list_(call: Call, customer: str) -> Doc:
    call.live("customer", customer)
    return call.page(_LINES, url=_PATH.format(customer=customer), customer=customer)


@endpoint("GET", f"{_PATH}/{{transaction}}")
def retrieve_line(call: Call, customer: str, transaction: str) -> Doc:
    call.live("customer", customer)
    return call.get(_LINES, transaction)


@endpoint("POST", "/v1/test_helpers/customers/{customer}/fund_cash_balance", money=True)
def fund_(call: Call, customer: str) -> Doc:
    call.live("customer", customer)
    given, currency = call.params, call.params["currency"].lower()
    check_amount(given["amount"], currency)
    line = fund(call, customer, given["amount"], currency, given.get("reference"))
    if held(call, customer)[currency]:
        call.emit("cash_balance.funds_available", _balance(call, customer))
    return line


def _balance(call: Call, customer: str) -> Doc:
    there = {currency: amount for currency, amount in held(call, customer).items() if amount}
    return {
        "object": "cash_balance",
        "available": there or None,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }
