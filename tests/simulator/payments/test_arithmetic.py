"""Whatever is captured, released, refunded, sent back: the amounts of charge, intent and books agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Engine
from tests.simulator.worlds import World

AMOUNT = 1000
CARDS = st.sampled_from(["pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund", "pm_card_bypassPending"])
# Parts that are captured; refunds, or hours that pass.
PARTS = st.lists(st.sampled_from([1, 300, 700, 1000, 1001]), max_size=2)
LATER = st.lists(
    st.one_of(st.sampled_from([1, 300, 500, 1000, 1001]), st.sampled_from(["1", "50"])), min_size=2, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(card=CARDS, currency=st.sampled_from(["eur", "jpy"]), parts=PARTS, last=st.booleans(), later=LATER)
def test_amounts_and_books_agree(
    card: str, currency: str, parts: list[int], last: bool, later: list[int | str]
) -> None:
    engine = Engine(None)
    world = World(engine)
    order = {"amount": AMOUNT, "currency": currency, "confirm": True, "payment_method": card}
    options = {"card": {"request_multicapture": "if_available"}}
    intent = world.post("/v1/payment_intents", **order, capture_method="manual", payment_method_options=options)["id"]
    path = f"/v1/payment_intents/{intent}"
    for number, part in enumerate(parts):
        world.post(f"{path}/capture", amount_to_capture=part, final_capture=last and number == len(parts) - 1)
        assert disagreements(world, intent) == []
    # The rest is captured, or all of it given up.
    world.post(f"{path}/capture" if parts else f"{path}/cancel")
    for step in later:
        if isinstance(step, int):
            world.post("/v1/refunds", payment_intent=intent, amount=step)
        else:
            world.advance(int(step) * 3600)
        assert disagreements(world, intent) == []
    engine.close()


def disagreements(world: World, intent: str) -> list[tuple[str, int, int]]:
    """What is said in one place, and otherwise in another."""
    shown = world.get(f"/v1/payment_intents/{intent}", expand=["latest_charge.refunds"])
    charge = shown["latest_charge"]
    refunds = world.get("/v1/refunds", charge=charge["id"], limit=100)["data"]
    counted = [refund for refund in refunds if refund["status"] not in ("failed", "canceled")]
    refunded = sum(refund["amount"] for refund in counted)
    left = charge["amount"] - charge["amount_captured"]
    lines = world.get("/v1/balance_transactions", limit=100)["data"]
    names = {refund["balance_transaction"] for refund in counted}
    paid_back = -sum(line["amount"] for line in lines if line["reporting_category"] in ("refund", "refund_failure"))
    named = -sum(line["amount"] for line in lines if line["id"] in names and line["reporting_category"] == "refund")
    own = {charge["id"], *(refund["id"] for refund in refunds)}
    booked = sum(line["amount"] for line in lines if line["source"] in own)
    balance = world.get("/v1/balance")
    total = sum(part["amount"] for name in ("available", "pending") for part in balance[name])
    told = [
        ("refunds of the charge", charge["amount_refunded"], refunded),
        ("no more than was charged", refunded, min(refunded, charge["amount"])),
        ("refunded whole", charge["refunded"], charge["amount_refunded"] == charge["amount"]),
        ("received", shown["amount_received"], charge["amount_captured"]),
        ("capturable", shown["amount_capturable"], left if shown["status"] == "requires_capture" else 0),
        ("refunds that are booked", paid_back, named),
        ("all that is booked", booked, charge["amount_captured"] - paid_back),
        ("the balance", total, sum(line["net"] for line in lines)),
    ]
    return [(what, here, there) for what, here, there in told if here != there]
