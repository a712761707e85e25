"""Checkout sessions and payment links: opened, completed by a buyer, run out."""

import pytest

from tests.simulator.worlds import Answer, World

DAY = 24 * 3600


@pytest.fixture
def price(world: World) -> str:
    product = world.post("/v1/products", name="Shirt")["id"]
    return world.post("/v1/prices", product=product, unit_amount=1500, currency="eur")["id"]


def opened(world: World, price: str, quantity: int = 2, **more: object) -> Answer:
    items = [{"price": price, "quantity": quantity}]
    return world.post(
        "/v1/checkout/sessions", line_items=items, mode="payment", success_url="https://a.example", **more
    )


def card(world: World, token: str = "tok_visa") -> str:
    billing = {"email": "a@b.example", "name": "Bo"}
    return world.post("/v1/payment_methods", type="card", card={"token": token}, billing_details=billing)["id"]


def bank(world: World, iban: str) -> str:
    billing = {"email": "a@b.example", "name": "Bo"}
    made = world.post("/v1/payment_methods", type="sepa_debit", sepa_debit={"iban": iban}, billing_details=billing)
    return made["id"]


def confirm(world: World, session: str, method: str, **more: object) -> Answer:
    return world.post(f"/v1/payment_pages/{session}/confirm", payment_method=method, **more)


def told(world: World) -> list[str]:
    return [name.removeprefix("checkout.session.") for name in world.types() if name.startswith("checkout")]


def test_a_buyer_completes_a_session(world: World, price: str) -> None:
    session = opened(world, price, client_reference_id="order-1")
    assert (session["amount_total"], session["payment_status"], session["payment_intent"]) == (3000, "unpaid", None)
    done = confirm(world, session["id"], card(world), expected_amount=3000)
    assert (done["status"], done["payment_status"], done["url"]) == ("complete", "paid", None)
    assert (done["customer_details"]["email"], done["client_reference_id"]) == ("a@b.example", "order-1")
    assert world.get(f"/v1/payment_intents/{done['payment_intent']}")["amount_received"] == 3000
    found = world.get("/v1/checkout/sessions", payment_intent=done["payment_intent"])["data"]
    assert [doc["id"] for doc in found] == [session["id"]]
    assert told(world) == ["completed"]
    assert confirm(world, session["id"], card(world)).status == 400


def test_a_session_shows_its_lines_when_asked(world: World, price: str) -> None:
    session = opened(world, price)["id"]
    [line] = world.get(f"/v1/checkout/sessions/{session}/line_items")["data"]
    assert (line["amount_total"], line["quantity"], line["price"]["id"]) == (3000, 2, price)
    shown = world.get(f"/v1/checkout/sessions/{session}", expand=["line_items"])
    assert shown["line_items"]["data"] == [line]


def test_the_payment_of_a_session_is_as_it_was_asked_for(world: World, price: str) -> None:
    session = opened(world, price, payment_intent_data={"description": "order 1", "metadata": {"order": "1"}})["id"]
    intent = world.get(f"/v1/payment_intents/{confirm(world, session, card(world))['payment_intent']}")
    assert (intent["description"], intent["metadata"]) == ("order 1", {"order": "1"})


def test_discounts_and_taxes_of_a_session(world: World, price: str) -> None:
    world.post("/v1/coupons", id="TEN", percent_off=10)
    rate = world.post("/v1/tax_rates", display_name="VAT", inclusive=False, percentage=20)["id"]
    items = [{"price": price, "quantity": 2, "tax_rates": [rate]}]
    session = world.post(
        "/v1/checkout/sessions", line_items=items, mode="payment", success_url="https://a.example",
        discounts=[{"coupon": "TEN"}],
    )  # fmt: skip
    assert (session["amount_subtotal"], session["amount_total"]) == (3000, 3240)
    assert session["total_details"] == {"amount_discount": 300, "amount_shipping": 0, "amount_tax": 540}
    assert session["discounts"] == [{"coupon": "TEN", "promotion_code": None}]


def test_a_declined_buyer_may_try_again(world: World, price: str) -> None:
    session = opened(world, price)["id"]
    refused = confirm(world, session, card(world, "tok_chargeCustomerFail"))
    assert (refused.status, refused.error["type"]) == (402, "card_error")
    kept = world.get(f"/v1/checkout/sessions/{session}")
    assert (kept["status"], told(world)) == ("open", [])
    done = confirm(world, session, card(world))
    assert (done["status"], done["payment_intent"]) == ("complete", kept["payment_intent"])


def test_a_changed_amount_is_refused(world: World, price: str) -> None:
    session = opened(world, price)["id"]
    assert confirm(world, session, card(world), expected_amount=1).error["code"] == "checkout_amount_mismatch"


@pytest.mark.parametrize(
    ("iban", "end", "status"),
    [
        ("AT611904300234573201", "async_payment_succeeded", "paid"),
        ("AT861904300235473202", "async_payment_failed", "unpaid"),
    ],
)
def test_a_debit_ends_later(world: World, price: str, iban: str, end: str, status: str) -> None:
    session = opened(world, price, payment_method_types=["sepa_debit"])["id"]
    done = confirm(world, session, bank(world, iban))
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    world.advance(14 * DAY)
    assert told(world) == ["completed", end]
    assert world.get(f"/v1/checkout/sessions/{session}")["payment_status"] == status


def test_a_session_ends_when_told_or_after_a_day(world: World, price: str) -> None:
    told_to, forgotten = opened(world, price)["id"], opened(world, price)["id"]
    assert world.post(f"/v1/checkout/sessions/{told_to}/expire")["status"] == "expired"
    world.advance(DAY)
    assert world.get(f"/v1/checkout/sessions/{forgotten}")["status"] == "expired"
    assert told(world) == ["expired", "expired"]
    assert confirm(world, forgotten, card(world)).status == 400
    assert world.post(f"/v1/checkout/sessions/{told_to}/expire").status == 400


def test_what_is_free_needs_no_payment(world: World, price: str) -> None:
    world.post("/v1/coupons", id="ALL", percent_off=100)
    session = opened(world, price, discounts=[{"coupon": "ALL"}])
    assert session["payment_status"] == "no_payment_required"
    done = confirm(world, session["id"], card(world))
    assert (done["status"], done["payment_intent"]) == ("complete", None)


def test_a_session_needs_lines_an_address_and_a_single_price(world: World, price: str) -> None:
    missing = world.post("/v1/checkout/sessions", mode="payment", success_url="https://a.example")
    assert missing.error["param"] == "line_items"
    nowhere = world.post("/v1/checkout/sessions", mode="payment", line_items=[{"price": price, "quantity": 1}])
    assert nowhere.error["param"] == "success_url"
    product = world.get(f"/v1/prices/{price}")["product"]
    monthly = world.post("/v1/prices", product=product, unit_amount=1, currency="eur", recurring={"interval": "month"})[
        "id"
    ]
    assert opened(world, monthly).error["param"] == "line_items[0][price]"


def test_a_session_may_only_save_a_card(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    made = world.post("/v1/checkout/sessions", mode="setup", customer=customer, success_url="https://a.example")
    done = confirm(world, made["id"], card(world))
    assert (done["status"], done["payment_status"]) == ("complete", "no_payment_required")
    assert world.get(f"/v1/setup_intents/{done['setup_intent']}")["status"] == "succeeded"


def test_a_payment_link_is_kept_and_changed(world: World, price: str) -> None:
    link = world.post("/v1/payment_links", line_items=[{"price": price, "quantity": 1}])
    assert (link["active"], link["currency"]) == (True, "eur")
    changed = world.post(f"/v1/payment_links/{link['id']}", active=False, allow_promotion_codes=True)
    assert (changed["active"], changed["allow_promotion_codes"]) == (False, True)
    assert [line["price"]["id"] for line in world.get(f"/v1/payment_links/{link['id']}/line_items")["data"]] == [price]
    assert world.types()[-2:] == ["payment_link.created", "payment_link.updated"]


def test_a_test_clock_advances(world: World) -> None:
    made = world.post("/v1/test_helpers/test_clocks", frozen_time=1000, name="a")
    path = f"/v1/test_helpers/test_clocks/{made['id']}"
    assert world.post(f"{path}/advance", frozen_time=2000)["status"] == "advancing"
    assert world.post(f"{path}/advance", frozen_time=3000).error["code"] == "test_clock_advancing"
    world.advance(1)
    assert (world.get(path)["status"], world.get(path)["frozen_time"]) == ("ready", 2000)
    assert world.post(f"{path}/advance", frozen_time=1000).error["param"] == "frozen_time"
    assert world.delete(path)["deleted"]
