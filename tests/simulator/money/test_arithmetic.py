"""Whatever is captured, released, refunded, sent back: the amounts of charge, intent and books agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Engine
from tests.simulator.worlds import World

AMOUNT = 1000
# A step: capture so much (the last time or not), refund so much, let so many hours pass.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("capture"), st.integers(0, AMOUNT + 1), st.booleans()),
        st.tuples(st.just("refund"), st.integers(0, AMOUNT + 1), st.booleans()),
        st.tuples(st.just("wait"), st.integers(1, 100), st.booleans()),
        st.tuples(st.just("cancel"), st.just(0), st.booleans()),
    ),
    max_size=8,
)
CARDS = st.sampled_from(["pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund", "pm_card_bypassPending"])


@settings(max_examples=40, deadline=None)
@given(card=CARDS, currency=st.sampled_from(["eur", "jpy"]), steps=STEPS)
def test_amounts_and_books_agree(card: str, currency: str, steps: list[tuple[str, int, bool]]) -> None:
    engine = Engine(None)
    world = World(engine)
    order = {"amount": AMOUNT, "currency": currency, "confirm": True, "payment_method": card}
    options = {"card": {"request_multicapture": "if_available"}}
    intent = world.post("/v1/payment_intents", **order, capture_method="manual", payment_method_options=options)["id"]
    for what, number, flag in steps:
        if what == "capture":
            path = f"/v1/payment_intents/{intent}/capture"
            world.post(path, amount_to_capture=number, final_capture=flag)
        elif what == "refund":
            world.post("/v1/refunds", payment_intent=intent, amount=number)
        elif what == "cancel":
            world.post(f"/v1/payment_intents/{intent}/cancel")
        else:
            world.advance(number * 3600)
        agree(world, intent)
    engine.close()


def agree(world: World, intent: str) -> None:
    shown = world.get(f"/v1/payment_intents/{intent}", expand=["latest_charge.refunds"])
    charge = shown["latest_charge"]
    refunds = world.get("/v1/refunds", charge=charge["id"], limit=100)["data"]
    counted = [refund for refund in refunds if refund["status"] not in ("failed", "canceled")]
    assert charge["amount_refunded"] == sum(refund["amount"] for refund in counted) <= charge["amount"]
    assert charge["refunded"] == (charge["amount_refunded"] == charge["amount"])
    assert shown["amount_received"] == charge["amount_captured"]
    left = charge["amount"] - charge["amount_captured"]
    assert shown["amount_capturable"] == (left if shown["status"] == "requires_capture" else 0)
    lines = world.get("/v1/balance_transactions", limit=100)["data"]
    names = {refund["balance_transaction"] for refund in counted}
    paid_back = -sum(line["amount"] for line in lines if line["reporting_category"] in ("refund", "refund_failure"))
    assert paid_back == -sum(
        line["amount"] for line in lines if line["id"] in names and line["reporting_category"] == "refund"
    )
    own = {charge["id"], *(refund["id"] for refund in refunds)}
    assert sum(line["amount"] for line in lines if line["source"] in own) == charge["amount_captured"] - paid_back
    balance = world.get("/v1/balance")
    total = sum(part["amount"] for name in ("available", "pending") for part in balance[name])
    assert total == sum(line["net"] for line in lines)
