"""What banks and merchants do, on the control door: payouts fail, accounts tell about themselves or leave."""

from simulator import accounts
from simulator.call import Call
from simulator.control.acts import Act, one_of
from simulator.money import payouts
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
    "/onboard": onboard,
    "/deauthorize": deauthorize,
}
