"""Quotes, from draft to an invoice, or to nothing."""

import pytest

from tests.simulator.worlds import Answer, World

MONTH = 30 * 24 * 3600


@pytest.fixture
def customer(world: World) -> str:
    return world.post("/v1/customers", invoice_prefix="ACME")["id"]


def quoted(world: World, customer: str | None, **price: object) -> Answer:
    product = world.post("/v1/products", name="Shirt")["id"]
    made = world.post("/v1/prices", product=product, unit_amount=1500, currency="eur", **price)["id"]
    return world.post("/v1/quotes", customer=customer, line_items=[{"price": made, "quantity": 2}])


def test_an_accepted_quote_is_an_invoice(world: World, customer: str) -> None:
    quote = quoted(world, customer)
    assert (quote["status"], quote["amount_total"], quote["computed"]["recurring"]) == ("draft", 3000, None)
    path = f"/v1/quotes/{quote['id']}"
    assert world.post(f"{path}/accept").status == 400
    assert world.post(f"{path}/finalize")["number"] == "QT-ACME-0001-1"
    done = world.post(f"{path}/accept")
    assert world.get(f"/v1/invoices/{done['invoice']}")["total"] == 3000
    assert [name for name in world.types() if name.startswith("quote")] == [
        *("quote.created", "quote.finalized", "quote.accepted"),
    ]


def test_a_recurring_quote_says_what_comes_each_time(world: World, customer: str) -> None:
    quote = quoted(world, customer, recurring={"interval": "month"})
    each = quote["computed"]["recurring"]
    assert (each["amount_total"], each["interval"], each["interval_count"]) == (3000, "month", 1)
    [line] = world.get(f"/v1/quotes/{quote['id']}", expand=["line_items"])["line_items"]["data"]
    assert line["quantity"] == 2
    world.post(f"/v1/quotes/{quote['id']}/finalize")
    assert world.post(f"/v1/quotes/{quote['id']}/accept").status == 400


def test_a_quote_is_cancelled_or_runs_out(world: World, customer: str) -> None:
    told, forgotten = quoted(world, customer)["id"], quoted(world, customer)["id"]
    assert world.post(f"/v1/quotes/{told}/cancel")["status"] == "canceled"
    world.advance(MONTH)
    assert world.get(f"/v1/quotes/{forgotten}")["status"] == "canceled"
    assert len(world.get("/v1/quotes", status="canceled")["data"]) == 2


def test_a_quote_needs_a_customer_before_it_is_finalized(world: World, customer: str) -> None:
    quote = quoted(world, None)["id"]
    assert world.post(f"/v1/quotes/{quote}/finalize").error["param"] == "customer"
    world.post(f"/v1/quotes/{quote}", customer=customer)
    assert world.post(f"/v1/quotes/{quote}/finalize")["status"] == "open"
    assert world.post(f"/v1/quotes/{quote}", customer=customer).error["code"] == "quote_not_editable"
    assert world.post(f"/v1/quotes/{quote}", metadata={"a": "b"})["metadata"] == {"a": "b"}
