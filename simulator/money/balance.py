"""The books: every movement of money is a balance transaction, and a balance is nothing but their sum."""

from collections.abc import Sequence

from simulator.accounts import application_id
from simulator.call import Call
from simulator.events import due
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.money.categories import BALANCES, FEES, category
from simulator.money.conversion import remember, settlement
from simulator.money.fees import processing_fee
from simulator.money.schedule import next_run
from simulator.store import Doc

__all__ = ["CHARGES_WAIT", "DAY", "RUN", "balance", "book", "expect_run", "funds", "processing_fee"]

DAY = 24 * 3600
# What customers pay is available two days later.
CHARGES_WAIT = 2 * DAY
# The timer that makes automatic payouts, see payouts.py.
RUN = "payouts.run"
_DEFAULT_CURRENCY = "eur"

declare(
    "balance_transaction",
    prefix="txn",
    url="/v1/balance_transactions",
    title="balance transaction",
    links=("available_on", "currency", "source", "type"),
    template={"amount": 0, "balance_type": "payments", "fee": 0, "fee_details": [], "net": 0, "status": "available"}
    | nulls("available_on created currency description exchange_rate reporting_category source type"),
    money=True,
    livemode=False,
)


def book(
    call: Call,
    *,
    type: str,  # noqa: A002  Stripe's word
    amount: int,
    currency: str,
    source: str | None,
    fees: Sequence[tuple[str, int, str]] = (),
    available_after: int | None = 0,
    description: str | None = None,
    reporting_category: str | None = None,
) -> Doc:
    """Move ``amount`` (negative: out of the balance) less ``fees``: (type, amount, description) each, all of them
    converted where the account settles in another currency.

    The net is available after so many seconds of virtual time; from a day on, when that day begins.
    """
    taken, into = amount, settlement(call, currency)
    amount = into.of(taken, currency)
    fees = [(name, into.of(fee_amount, currency), words) for name, fee_amount, words in fees]
    fee = sum(fee_amount for _, fee_amount, _ in fees)
    at = _available_on(call.now, available_after or 0)
    doc = call.new(
        "balance_transaction",
        type=type,
        amount=amount,
        currency=into.currency,
        exchange_rate=None if into.rate is None else float(into.rate),
        source=source,
        fee=fee,
        fee_details=[_fee(call, part, into.currency) for part in fees],
        net=amount - fee,
        available_on=at,
        description=description,
        reporting_category=category(type, reporting_category),
        balance_type=BALANCES.get(type, "payments"),
        status="available" if at <= call.now else "pending",
    )
    if doc["status"] == "pending":
        _expect(call, at)
    call.add("balance_transaction", doc)
    if into.rate is not None:
        remember(call, doc, taken)
    call.store.add_funds(call.account, into.currency, **{doc["status"]: doc["net"]})
    if doc["status"] == "available":
        _settled(call, doc)
        _tell(call, doc["net"])
    return doc


def expect_run(call: Call) -> None:
    """What is available will be looked at when payouts are made next."""
    if not due.waits(call.store, call.account, RUN, RUN):
        call.later(next_run(call.now) - call.now, RUN, RUN)


def funds(call: Call, currency: str) -> tuple[int, int]:
    """Available and pending."""
    return call.store.funds(call.account).get(currency, (0, 0))


def balance(call: Call) -> Doc:
    """The object of this name: a line for each currency that ever moved."""
    found = call.store.funds(call.account) or {_DEFAULT_CURRENCY: (0, 0)}
    return {
        "object": "balance",
        "available": [_line(currency, available) for currency, (available, _) in found.items()],
        "connect_reserved": [{"amount": 0, "currency": currency} for currency in found],
        "livemode": False,
        "pending": [_line(currency, pending) for currency, (_, pending) in found.items()],
    }


@timer("balance.matures", money=True)
def matures(call: Call, at: str) -> None:
    """What was pending until now is available."""
    gained = 0
    for doc in reversed(call.all("balance_transaction", available_on=at)):
        if doc["status"] == "pending":
            _settled(call, call.save("balance_transaction", doc | {"status": "available"}))
            call.store.add_funds(call.account, doc["currency"], available=doc["net"], pending=-doc["net"])
            gained = max(gained, doc["net"])
    _tell(call, gained)


def _available_on(now: int, after: int) -> int:
    at = now + after
    return at - at % DAY if after >= DAY else at


def _expect(call: Call, at: int) -> None:
    """One timer for all that becomes available together."""
    if not due.waits(call.store, call.account, str(at), "balance.matures"):
        call.later(at - call.now, "balance.matures", str(at))


def _settled(call: Call, doc: Doc) -> None:
    """It waits for the next automatic payout."""
    call.store.tie(call.account, "balance_transaction", doc, "unpaid", doc["currency"])
    expect_run(call)


def _tell(call: Call, gained: int) -> None:
    # Stripe does not tell of what leaves a balance.
    if gained > 0:
        call.emit("balance.available", balance(call))


def _fee(call: Call, part: tuple[str, int, str], currency: str) -> Doc:
    type_, amount, description = part
    if type_ not in FEES:
        raise LookupError(f"{type_} is no fee")
    application = application_id(call.platform) if type_ == "application_fee" else None
    return {
        "amount": amount,
        "application": application,
        "currency": currency,
        "description": description,
        "type": type_,
    }


def _line(currency: str, amount: int) -> Doc:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
