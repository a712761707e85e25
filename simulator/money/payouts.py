"""Payouts: money that leaves for a bank account, arrives, and sometimes comes back."""

from typing import Any

from simulator import accounts
from simulator.call import Call
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.money.balance import RUN, book, expect_run
from simulator.money.currencies import payout_step, rounded
from simulator.money.destinations import default
from simulator.money.schedule import completed, is_payday, next_business_day
from simulator.protocol.errors import StripeError
from simulator.store import Doc

HOUR = 3600
_LEAVES, _RECONCILED, _INSTANT, _TRACED, _RETURNS = 4 * HOUR, HOUR, HOUR // 2, 24 * HOUR, 48 * HOUR
_INSTANT_FEE, _LEAST_INSTANT_FEE = 100, 50

declare(
    "payout",
    prefix="po",
    url="/v1/payouts",
    links=("destination", "status"),
    template={
        "automatic": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    | nulls("amount application_fee application_fee_amount arrival_date balance_transaction created currency")
    | nulls("description destination failure_balance_transaction failure_code failure_message original_payout")
    | nulls("payout_method reversed_by statement_descriptor"),
    money=True,
)

FAILURES = {
    "account_closed": "The bank account has been closed.",
    "bank_account_restricted": "The bank account has restrictions on either the type, or the number, of payouts.",
    "could_not_process": "The bank could not process this payout.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "insufficient_funds": "The Stripe account has insufficient funds to cover the payout.",
    "invalid_account_number": "The routing number seems correct, but the account number is invalid.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "no_account": "The bank account details on file are probably incorrect; no bank account could be located.",
}
# The last digits of Stripe's test bank accounts, and how payouts to them fail.
_FAILING = {
    "1116": "no_account",
    "1113": "account_closed",
    "2227": "insufficient_funds",
    "3335": "debit_not_authorized",
    "4440": "invalid_currency",
}


def send(call: Call, to: Doc, *, amount: int, currency: str, **more: Any) -> Doc:
    """Make a payout to a bank account, and let time take its course."""
    instant = more.get("method") == "instant"
    doc = call.new("payout", amount=amount, currency=currency, destination=to["id"], **more)
    doc["arrival_date"] = call.now + _INSTANT if instant else next_business_day(call.now + _LEAVES)
    fees = []
    if instant:
        fee = max(rounded(amount * _INSTANT_FEE, 10_000, currency), rounded(_LEAST_INSTANT_FEE, 1, currency))
        fees.append(("stripe_fee", fee, "Instant Payout fee"))
    entry = {"type": "payout", "amount": -amount, "currency": currency, "source": doc["id"]}
    txn = book(call, **entry, fees=fees, description=doc["description"] or "STRIPE PAYOUT")
    doc["balance_transaction"] = txn["id"]
    call.add("payout", doc, "payout.created")
    failure = _fate(call, to)
    call.later(0 if instant else _LEAVES, "payout.leaves", doc["id"])
    call.later(doc["arrival_date"] - call.now, "payout.arrives", doc["id"], **failure)
    return doc


def give_back(call: Call, doc: Doc, type_: str, event: str, **changes: Any) -> Doc:
    """The money of a payout returns to the balance."""
    txn = book(
        call,
        type=type_,
        amount=doc["amount"],
        currency=doc["currency"],
        source=doc["id"],
        description=f"{type_.replace('_', ' ').upper()} {doc['id']}",
    )
    return call.save("payout", doc | {"failure_balance_transaction": txn["id"]} | changes, event)


def reverse(call: Call, doc: Doc, metadata: dict[str, str]) -> Doc:
    """A payout of the opposite sign, which brings the money of ``doc`` back."""
    if doc["status"] != "paid" or doc["reversed_by"] or doc["original_payout"]:
        raise StripeError("Only a payout that was paid and not yet reversed can be reversed.")
    more = {"description": f"REVERSAL {doc['id']}", "original_payout": doc["id"], "metadata": metadata}
    back = send(call, call.get("bank_account", doc["destination"]), **_opposite(doc), **more)
    call.save("payout", doc | {"reversed_by": back["id"]}, "payout.updated")
    return back


def doom(call: Call, code: str, *, after_paid: bool) -> None:
    """Let the next payout of the account fail: instead of arriving, or two days after it was paid."""
    call.store.set_meta(f"doom {call.account}", {"failure": code, "after_paid": after_paid})


def with_settings(old: Doc, given: Doc) -> Doc:
    """An account's settings of payouts with what was given of them."""
    schedule = old["schedule"]
    if given.get("schedule"):
        interval = given["schedule"].get("interval", schedule["interval"])
        # Anchors of another interval do not count for this one.
        kept = schedule if interval == schedule["interval"] else {"delay_days": schedule["delay_days"]}
        schedule = completed({**kept, **given["schedule"], "interval": interval})
    return old | given | {"schedule": schedule}


def reschedule(call: Call) -> None:
    """The account's settings are other ones now."""
    call.forget(RUN, RUN)
    expect_run(call)


@timer(RUN, money=True)
def run(call: Call, subject: str) -> None:
    """Pay out what is available, if this is the account's day."""
    account = accounts.account(call)
    schedule = account["settings"]["payouts"]["schedule"]
    if schedule["interval"] == "manual" or not account["payouts_enabled"]:
        return
    if not is_payday(schedule, call.now):
        expect_run(call)
        return
    for currency, (available, _) in call.store.funds(call.account).items():
        amount = available - available % payout_step(currency)
        to = default(call, currency) if amount > 0 else None
        if to:
            _sweep(call, to, amount=amount, rest=available - amount, currency=currency)


@timer("payout.leaves", money=True)
def leaves(call: Call, name: str) -> None:
    call.save("payout", call.get("payout", name) | {"status": "in_transit"}, "payout.updated")


@timer("payout.arrives", money=True)
def arrives(call: Call, name: str, failure: str = "", after_paid: bool = False) -> None:
    if failure and not after_paid:
        fails(call, name, failure)
        return
    call.save("payout", call.get("payout", name) | {"status": "paid"}, "payout.paid")
    call.later(_TRACED, "payout.traced", name)
    if failure:
        call.later(_RETURNS, "payout.fails", name, failure=failure)


@timer("payout.fails", money=True)
def fails(call: Call, name: str, failure: str) -> None:
    """The bank sends the money back, though the payout may have been called paid."""
    call.forget(name)
    doc = call.get("payout", name) | {"status": "failed"}
    changes = {"failure_code": failure, "failure_message": FAILURES[failure]}
    give_back(call, doc, "payout_failure", "payout.failed", **changes)


@timer("payout.traced")
def traced(call: Call, name: str) -> None:
    trace = {"status": "supported", "value": call.chance.text("trace", 16).upper()}
    call.save("payout", call.get("payout", name) | {"trace_id": trace}, "payout.updated")


@timer("payout.reconciled", money=True)
def reconciled(call: Call, name: str) -> None:
    """From now on the payout's balance transactions can be asked for."""
    call.store.retie(call.account, "balance_transaction", ("reconciling", name), ("payout", name))
    doc = call.get("payout", name) | {"reconciliation_status": "completed"}
    call.save("payout", doc, "payout.reconciliation_completed")


def _sweep(call: Call, to: Doc, *, amount: int, rest: int, currency: str) -> None:
    """An automatic payout. Everything available that no other one has paid out is part of it, so that their nets sum
    to its amount; what the bank cannot pay is held back and released for the next one."""
    more: dict[str, Any] = {"automatic": True, "reconciliation_status": "in_progress"}
    entry: dict[str, Any] = {"currency": currency, "source": None}
    if rest:
        book(call, type="payout_minimum_balance_hold", amount=-rest, **entry)
    doc = send(call, to, amount=amount, currency=currency, description="STRIPE PAYOUT", **more)
    call.store.retie(call.account, "balance_transaction", ("unpaid", currency), ("reconciling", doc["id"]))
    if rest:
        book(call, type="payout_minimum_balance_release", amount=rest, **entry)
    call.later(_RECONCILED, "payout.reconciled", doc["id"])


def _fate(call: Call, to: Doc) -> dict[str, Any]:
    """How this payout will fail, if it will."""
    name = f"doom {call.account}"
    told: dict[str, Any] | None = call.store.meta(name)
    if told:
        call.store.set_meta(name, None)
        return told
    code = _FAILING.get(to["last4"])
    return {"failure": code} if code else {}


def _opposite(doc: Doc) -> Doc:
    return {"amount": -doc["amount"], "currency": doc["currency"]}
