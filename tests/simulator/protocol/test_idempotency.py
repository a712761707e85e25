"""Idempotency keys: one effect, the first answer again, for a day."""

import json

from simulator.engine import Failure
from tests.simulator.worlds import World

DAY = 24 * 3600
LOST = Failure(500, json.dumps({"error": {"type": "api_error"}}).encode(), after=True, kept=True)


def test_the_first_answer_is_given_again(world: World) -> None:
    first = world.post("/v1/customers", once="order-1", email="a@b.example")
    again = world.post("/v1/customers", once="order-1", email="a@b.example")
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert world.types() == ["customer.created"]


def test_other_parameters_or_another_path_are_refused(world: World) -> None:
    world.post("/v1/customers", once="order-1", email="a@b.example")
    for path, params in (("/v1/customers", {"email": "c@d.example"}), ("/v1/products", {"email": "a@b.example"})):
        refused = world.post(path, once="order-1", **params)
        assert (refused.status, refused.error["type"]) == (400, "idempotency_error")


def test_a_key_is_an_accounts_own(world: World) -> None:
    first = world.post("/v1/customers", once="order-1")["id"]
    assert world.post("/v1/customers", once="order-1", key="sk_test_globex")["id"] != first


def test_what_failed_validation_is_not_kept(world: World) -> None:
    assert world.post("/v1/products", once="order-1").error["code"] == "parameter_missing"
    assert world.post("/v1/products", once="order-1", name="Shirt").status == 200


def test_a_refusal_by_the_work_is_kept(world: World) -> None:
    world.post("/v1/products", id="shirt", name="Shirt")
    refused = world.post("/v1/products", once="order-1", id="shirt", name="Shirt")
    world.delete("/v1/products/shirt")
    assert world.post("/v1/products", once="order-1", id="shirt", name="Shirt").body == refused.body


def test_a_500_is_kept_and_its_effect_too(world: World) -> None:
    assert world.post("/v1/products", once="order-1", failure=LOST, name="Shirt").status == 500
    assert world.post("/v1/products", once="order-1", name="Shirt").status == 500
    assert len(world.get("/v1/products")["data"]) == 1


def test_a_fault_before_the_work_leaves_no_effect(world: World) -> None:
    before = LOST._replace(after=False, kept=False)
    assert world.post("/v1/products", once="order-1", failure=before, name="Shirt").status == 500
    assert world.get("/v1/products")["data"] == []
    assert world.post("/v1/products", once="order-1", name="Shirt").status == 200


def test_after_a_day_the_same_key_works_again(world: World) -> None:
    first = world.post("/v1/customers", once="order-1")["id"]
    world.advance(DAY - 1)
    assert world.post("/v1/customers", once="order-1")["id"] == first
    world.advance(1)
    assert world.post("/v1/customers", once="order-1")["id"] != first


def test_a_key_has_at_most_255_characters(world: World) -> None:
    assert world.post("/v1/customers", once="k" * 256).status == 400
    assert world.post("/v1/customers", once="k" * 255).status == 200
