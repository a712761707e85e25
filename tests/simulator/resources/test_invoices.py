"""Invoices: lines, discounts and taxes, and every way to the end."""

import pytest

from tests.simulator.worlds import Answer, World


@pytest.fixture
def customer(world: World) -> str:
    return world.post("/v1/customers", email="a@b.example", invoice_prefix="ACME")["id"]


def drafted(world: World, customer: str, *amounts: int, **more: object) -> Answer:
    for amount in amounts:
        world.post("/v1/invoiceitems", customer=customer, amount=amount, currency="eur")
    return world.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)


def finalized(world: World, customer: str, *amounts: int, **more: object) -> Answer:
    return world.post(f"/v1/invoices/{drafted(world, customer, *amounts, **more)['id']}/finalize")


def attached(world: World, customer: str, card: str = "pm_card_visa") -> str:
    return world.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]


def intent_of(world: World, invoice: str) -> dict:
    [payment] = world.get("/v1/invoice_payments", invoice=invoice)["data"]
    return world.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}").body


def test_a_draft_takes_what_was_waiting(world: World, customer: str) -> None:
    invoice = drafted(world, customer, 2000, 500)
    assert (invoice["status"], invoice["subtotal"], invoice["total"], invoice["amount_due"]) == (
        "draft",
        2500,
        2500,
        2500,
    )
    assert sorted(line["amount"] for line in invoice["lines"]["data"]) == [500, 2000]
    assert world.get("/v1/invoiceitems", pending=True)["data"] == []
    assert len(world.get("/v1/invoiceitems", invoice=invoice["id"])["data"]) == 2
    assert world.types()[-1] == "invoice.created"
    assert world.events()[-1]["data"]["object"] == invoice.body


def test_an_item_of_a_price_costs_its_quantity(world: World, customer: str) -> None:
    product = world.post("/v1/products", name="Shirt", default_price_data={"currency": "eur", "unit_amount": 700})
    item = world.post("/v1/invoiceitems", customer=customer, quantity=3, pricing={"price": product["default_price"]})
    assert (item["amount"], item["currency"], item["description"]) == (2100, "eur", "Shirt")
    assert item["pricing"]["price_details"] == {"price": product["default_price"], "product": product["id"]}


def test_amounts_and_quantities_have_limits(world: World, customer: str) -> None:
    nothing = world.post("/v1/invoiceitems", customer=customer, amount=100, currency="eur", quantity=0)
    assert (nothing["amount"], nothing["quantity"]) == (100, 0)
    owed = world.post("/v1/invoiceitems", customer=customer, amount=100, currency="eur", quantity=-1)
    assert owed.error["param"] == "quantity"
    vast = world.post("/v1/invoiceitems", customer=customer, currency="eur", unit_amount_decimal="1e30")
    assert vast.error["code"] == "parameter_invalid_decimal"


def test_items_of_a_draft_change_its_total(world: World, customer: str) -> None:
    invoice = drafted(world, customer, 2000, currency="eur")["id"]
    item = world.post("/v1/invoiceitems", customer=customer, invoice=invoice, amount=300, currency="eur")["id"]
    assert world.get(f"/v1/invoices/{invoice}")["total"] == 2300
    world.post(f"/v1/invoiceitems/{item}", amount=400)
    assert world.get(f"/v1/invoices/{invoice}")["total"] == 2400
    world.delete(f"/v1/invoiceitems/{item}")
    assert world.get(f"/v1/invoices/{invoice}")["total"] == 2000
    added = world.post(f"/v1/invoices/{invoice}/add_lines", lines=[{"amount": 50}])
    assert (added["total"], len(added["lines"]["data"])) == (2050, 2)


def test_discounts_come_off_before_taxes_come_on(world: World, customer: str) -> None:
    world.post("/v1/coupons", id="TEN", percent_off=10)
    rate = world.post("/v1/tax_rates", display_name="VAT", inclusive=False, percentage=20)["id"]
    invoice = drafted(world, customer, 1005, 995, discounts=[{"coupon": "TEN"}], default_tax_rates=[rate])
    assert invoice["total_discount_amounts"][0]["amount"] == 200
    assert sum(entry["amount"] for line in invoice["lines"]["data"] for entry in line["discount_amounts"]) == 200
    assert (invoice["subtotal"], invoice["total_taxes"][0]["amount"], invoice["total"]) == (2000, 360, 2160)
    assert invoice["total_excluding_tax"] == 1800


def test_a_discount_outlives_its_coupon_and_its_customer(world: World, customer: str) -> None:
    world.post("/v1/coupons", id="TEN", percent_off=10)
    world.post(f"/v1/customers/{customer}", coupon="TEN")
    invoice = drafted(world, customer, 1000)["id"]
    world.delete("/v1/coupons/TEN")
    world.delete(f"/v1/customers/{customer}/discount")
    assert world.post(f"/v1/invoices/{invoice}/finalize")["total"] == 900
    assert drafted(world, customer, 1000)["total"] == 1000


def test_an_included_tax_adds_nothing(world: World, customer: str) -> None:
    rate = world.post("/v1/tax_rates", display_name="VAT", inclusive=True, percentage=20)["id"]
    invoice = drafted(world, customer, 1200, default_tax_rates=[rate])
    assert (invoice["total"], invoice["total_excluding_tax"], invoice["total_taxes"][0]["amount"]) == (1200, 1000, 200)


def test_a_finalized_invoice_has_a_number_and_is_asked_for(world: World, customer: str) -> None:
    first, second = finalized(world, customer, 2000), finalized(world, customer, 10)
    assert (first["number"], second["number"]) == ("ACME-0001", "ACME-0002")
    assert first["status_transitions"]["finalized_at"] == world.engine.clock.now()
    assert intent_of(world, first["id"])["amount"] == 2000
    assert world.post(f"/v1/invoices/{first['id']}", due_date=1).error["code"] == "invoice_not_editable"
    assert world.post(f"/v1/invoices/{first['id']}", metadata={"a": "b"})["metadata"] == {"a": "b"}
    shown = world.get(f"/v1/invoices/{first['id']}", expand=["confirmation_secret", "payments"])
    assert shown["confirmation_secret"]["client_secret"] == intent_of(world, first["id"])["client_secret"]
    assert shown["payments"]["data"][0]["status"] == "open"


def test_a_paid_invoice_is_the_work_of_its_payment_intent(world: World, customer: str) -> None:
    invoice = drafted(world, customer, 2000)["id"]
    paid = world.post(f"/v1/invoices/{invoice}/pay", payment_method=attached(world, customer))
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"], paid["attempt_count"]) == (
        "paid",
        2000,
        0,
        1,
    )
    assert intent_of(world, invoice)["status"] == "succeeded"
    assert {"invoice_payment.paid", "invoice.paid", "invoice.payment_succeeded"} <= set(world.types())
    assert world.post(f"/v1/invoices/{invoice}/pay").status == 400


def test_a_customer_who_pays_the_intent_pays_the_invoice(world: World, customer: str) -> None:
    invoice = finalized(world, customer, 2000)["id"]
    intent = intent_of(world, invoice)["id"]
    world.post(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa")
    assert world.get(f"/v1/invoices/{invoice}")["status"] == "paid"


def test_a_declined_invoice_stays_open_and_can_be_paid_later(world: World, customer: str) -> None:
    invoice = drafted(world, customer, 2000)["id"]
    method = attached(world, customer, "pm_card_chargeCustomerFail")
    refused = world.post(f"/v1/invoices/{invoice}/pay", payment_method=method)
    assert (refused.status, refused.error["type"]) == (402, "card_error")
    kept = world.get(f"/v1/invoices/{invoice}")
    assert (kept["status"], kept["attempt_count"], kept["attempted"]) == ("open", 1, True)
    assert "invoice.payment_failed" in world.types()
    world.post(f"/v1/invoices/{invoice}/pay", payment_method=attached(world, customer))
    assert world.get(f"/v1/invoices/{invoice}")["attempt_count"] == 2


def test_a_payment_that_needs_the_customer_says_so(world: World, customer: str) -> None:
    invoice = drafted(world, customer, 2000)["id"]
    method = attached(world, customer, "pm_card_threeDSecure2Required")
    refused = world.post(f"/v1/invoices/{invoice}/pay", payment_method=method)
    assert (refused.status, refused.error["code"]) == (402, "invoice_payment_intent_requires_action")
    assert world.get(f"/v1/invoices/{invoice}")["status"] == "open"
    assert "invoice.payment_action_required" in world.types()


def test_nothing_to_charge_is_an_error(world: World, customer: str) -> None:
    invoice = finalized(world, customer, 2000)["id"]
    assert world.post(f"/v1/invoices/{invoice}/pay").error["code"] == "resource_missing"
    elsewhere = world.post(f"/v1/invoices/{invoice}/pay", paid_out_of_band=True)
    assert (elsewhere["status"], elsewhere["amount_remaining"]) == ("paid", 0)
    assert intent_of(world, invoice)["status"] == "canceled"


def test_an_invoice_of_nothing_is_paid_at_once(world: World, customer: str) -> None:
    assert finalized(world, customer)["status"] == "paid"
    assert world.types()[-2:] == ["invoice.paid", "invoice.payment_succeeded"]


def test_voided_and_written_off(world: World, customer: str) -> None:
    void, lost = finalized(world, customer, 2000)["id"], finalized(world, customer, 2000)["id"]
    assert world.post(f"/v1/invoices/{void}/void")["status"] == "void"
    assert intent_of(world, void)["status"] == "canceled"
    assert world.post(f"/v1/invoices/{lost}/mark_uncollectible")["status"] == "uncollectible"
    assert world.post(f"/v1/invoices/{void}/pay").error["code"] == "invoice_not_editable"
    late = world.post(f"/v1/invoices/{lost}/pay", payment_method=attached(world, customer))
    assert late["status"] == "paid"


def test_only_drafts_are_deleted_and_their_items_wait_again(world: World, customer: str) -> None:
    draft = drafted(world, customer, 2000)["id"]
    assert world.delete(f"/v1/invoices/{draft}")["deleted"]
    assert [item["amount"] for item in world.get("/v1/invoiceitems", pending=True)["data"]] == [2000]
    open_ = finalized(world, customer, 100)["id"]
    assert world.delete(f"/v1/invoices/{open_}").error["code"] == "invoice_not_editable"


def test_an_invoice_that_is_sent_needs_an_address_and_a_date(world: World, customer: str) -> None:
    sent = drafted(world, customer, 2000, collection_method="send_invoice", days_until_due=7)
    assert sent["due_date"] == world.engine.clock.now() + 7 * 24 * 3600
    assert world.post(f"/v1/invoices/{sent['id']}/send")["status"] == "open"
    assert world.types()[-1] == "invoice.sent"
    undated = world.post("/v1/invoices", customer=customer, collection_method="send_invoice")
    assert undated.error["param"] == "days_until_due"
    nobody = world.post("/v1/customers")["id"]
    assert world.post(f"/v1/invoices/{drafted(world, nobody)['id']}/send").error["param"] == "customer"


def test_a_draft_that_advances_is_charged_after_an_hour(world: World, customer: str) -> None:
    world.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": attached(world, customer)})
    invoice = drafted(world, customer, 2000, auto_advance=True)["id"]
    world.advance(3599)
    assert world.get(f"/v1/invoices/{invoice}")["status"] == "draft"
    world.advance(1)
    assert world.get(f"/v1/invoices/{invoice}")["status"] == "paid"


def test_invoices_are_listed_by_what_they_are(world: World, customer: str) -> None:
    open_ = finalized(world, customer, 2000)["id"]
    drafted(world, customer, 100)
    assert [doc["id"] for doc in world.get("/v1/invoices", status="open")["data"]] == [open_]
    assert [doc["id"] for doc in world.get("/v1/invoices/search", query="total>1000")["data"]] == [open_]


def test_a_credit_note_lowers_what_is_open(world: World, customer: str) -> None:
    invoice = finalized(world, customer, 2000)["id"]
    line = {"type": "custom_line_item", "unit_amount": 400, "quantity": 2}
    note = world.post("/v1/credit_notes", invoice=invoice, lines=[line])
    assert (note["amount"], note["type"], note["number"]) == (800, "pre_payment", "ACME-0001-CN-01")
    assert world.get(f"/v1/invoices/{invoice}")["amount_remaining"] == intent_of(world, invoice)["amount"] == 1200
    assert world.post("/v1/credit_notes", invoice=invoice, amount=1201).error["param"] == "amount"
    assert world.post(f"/v1/credit_notes/{note['id']}/void")["status"] == "void"
    assert world.get(f"/v1/invoices/{invoice}")["amount_remaining"] == intent_of(world, invoice)["amount"] == 2000
    assert world.post("/v1/credit_notes", invoice=invoice, amount=2000).status == 200
    assert world.get(f"/v1/invoices/{invoice}")["status"] == "paid"


def test_a_credit_note_of_a_paid_invoice_is_refunded(world: World, customer: str) -> None:
    invoice = drafted(world, customer, 2000)["id"]
    world.post("/v1/payment_intents", amount=9000, currency="eur", payment_method="pm_card_bypassPending", confirm=True)
    world.post(f"/v1/invoices/{invoice}/pay", payment_method=attached(world, customer))
    [line] = world.get(f"/v1/invoices/{invoice}/lines")["data"]
    part = {"type": "invoice_line_item", "invoice_line_item": line["id"], "amount": 500}
    assert world.post("/v1/credit_notes", invoice=invoice, lines=[part]).error["param"] == "refund_amount"
    note = world.post("/v1/credit_notes", invoice=invoice, lines=[part], refund_amount=500)
    [entry] = note["refunds"]
    assert world.get(f"/v1/refunds/{entry['refund']}")["amount"] == 500
    assert world.get(f"/v1/invoices/{invoice}")["post_payment_credit_notes_amount"] == 500
    assert world.post(f"/v1/credit_notes/{note['id']}/void").status == 400
