"""What banks, merchants and the processor itself do, on the control door: payouts fail, fees are taken, accounts tell
about themselves or leave."""

from simulator import accounts
from simulator.call import Call
from simulator.control.acts import Act, one_of
from simulator.money import payouts
from simulator.money.balance import book
from simulator.money.conversion import settle_into
from simulator.money.destinations import attach_given
from simulator.protocol.errors import StripeError
from simulator.store import Doc


def doom_next_payout(call: Call, failure: str = "account_closed", after_paid: bool = False) -> Doc:
    """{"failure", "after_paid": true for two days after it was paid}."""
    one_of("failure", failure, tuple(payouts.FAILURES))
    payouts.doom(call, failure, after_paid=after_paid)
    return {"failure": failure, "after_paid": after_paid}


def fail_payout(call: Call, payout: str, failure: str = "account_closed") -> Doc:
    """{"failure"}: now, whether it was paid or not."""
    one_of("failure", failure, tuple(payouts.FAILURES))
    if call.get("payout", payout)["status"] in ("canceled", "failed"):
        raise StripeError("This payout has come to its end already.")
    payouts.fails(call, payout, failure)
    return call.get("payout", payout)


def take_fee(call: Call, amount: int, currency: str, description: str = "Billing fee") -> Doc:
    """{"amount", "currency"}: what the processor takes for itself; negative: gives back."""
    return book(call, type="stripe_fee", amount=-amount, currency=currency, source=None, description=description)


def adjust(call: Call, amount: int, currency: str, description: str = "Correction") -> Doc:
    """{"amount", "currency"}: the processor corrects something, either way."""
    return book(
        call,
        type="adjustment",
        amount=amount,
        currency=currency,
        source=None,
        description=description,
        reporting_category="other_adjustment",
    )


def hold(call: Call, amount: int, currency: str) -> Doc:
    """{"amount", "currency"}: kept back from the balance; negative: released again."""
    kind = f"payment_network_reserve_{'hold' if amount > 0 else 'release'}"
    return book(call, type=kind, amount=-amount, currency=currency, source=None)


def settle_in(call: Call, currency: str, rates: dict[str, str]) -> Doc:
    """{"currency", "rates": {"usd": "0.92"}}: payments in these currencies settle in that one from now on."""
    settle_into(call, currency, rates)
    return {"currency": currency, "rates": rates}


def onboard(call: Call, external_account: str = "btok_us") -> Doc:
    """The merchant goes through Stripe's own form: nothing is due any more."""
    doc = accounts.account(call)
    doc["business_profile"] |= {"url": "https://merchant.example"}
    doc["tos_acceptance"] |= {"date": call.now, "ip": "192.0.2.1"}
    accounts.keep(call, accounts.reviewed(doc))
    return accounts.set_external(call, [attach_given(call, external_account)])


def deauthorize(call: Call) -> Doc:
    """The merchant leaves the platform; its account lives on out of reach."""
    if accounts.own(call):
        raise StripeError("A platform cannot leave itself.")
    return accounts.close(call)


ACTS: dict[str, Act] = {
    "/payouts/fail": doom_next_payout,
    "/payouts/{payout}/fail": fail_payout,
    "/fees": take_fee,
    "/adjustments": adjust,
    "/reserves": hold,
    "/settlement": settle_in,
    "/onboard": onboard,
    "/deauthorize": deauthorize,
}
