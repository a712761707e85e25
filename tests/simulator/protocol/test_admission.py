"""Who is let in, in which version, and how often."""

from base64 import b64encode

import pytest

from simulator import spec
from simulator.engine import Request
from simulator.protocol.credentials import account_of
from tests.simulator.worlds import ACCOUNT, World, parsed


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer sk_live_x", "Bearer pk_test_x", "Basic !!", "Basic", "Digest sk_test_x", "sk_test_x"],
)
def test_without_a_test_key_there_is_no_answer(world: World, authorization: str) -> None:
    answer = parsed(world.engine.perform(Request("GET", "/v1/customers", "", {"authorization": authorization})))
    assert (answer.status, answer.error["type"]) == (401, "invalid_request_error")


def test_basic_authentication_names_the_same_account(world: World) -> None:
    name = world.post("/v1/customers")["id"]
    basic = b64encode(b"sk_test_acme:").decode()
    answer = parsed(world.engine.perform(Request("GET", "/v1/customers", "", {"authorization": f"Basic {basic}"})))
    assert answer["data"][0]["id"] == name


def test_an_unknown_path_and_an_unknown_method(world: World) -> None:
    for answer in (world.get("/v1/surprise"), world.delete("/v1/customers"), world.get("/v1/customers/")):
        assert (answer.status, answer.error["type"]) == (404, "invalid_request_error")
        assert answer.error["message"].startswith("Unrecognized request URL (")


def test_one_version_is_spoken(world: World) -> None:
    fine = world.get("/v1/customers", headers={"stripe-version": spec.version()})
    assert (fine.status, fine.headers["Stripe-Version"]) == (200, spec.version())
    assert world.get("/v1/customers", headers={"stripe-version": "2020-08-27"}).status == 400


def test_a_connected_account_has_objects_of_its_own(world: World) -> None:
    connected = {"stripe-account": "acct_connected"}
    refused = world.post("/v1/customers", headers=connected)
    assert (refused.status, refused.error["code"]) == (403, "account_invalid")
    with world.engine.transaction():
        world.engine.store.connect("acct_connected", ACCOUNT)
    name = world.post("/v1/customers", headers=connected)["id"]
    assert world.get(f"/v1/customers/{name}").status == 404
    assert world.get(f"/v1/customers/{name}", headers=connected).status == 200
    assert world.get("/v1/customers", key="sk_test_globex", headers=connected).status == 403
    assert world.get("/v1/customers", headers={"stripe-account": ACCOUNT}).status == 200


def test_equal_keys_are_equal_accounts_in_every_world() -> None:
    assert account_of("sk_test_acme") == account_of("rk_test_acme") == ACCOUNT
    assert account_of("sk_test_globex") != ACCOUNT


@pytest.mark.parametrize(("retry", "header"), [(True, "true"), (False, "false"), (None, None)])
def test_too_many_requests_in_a_second(world: World, retry: bool | None, header: str | None) -> None:
    world.engine.limits.set(2, None, retry)
    assert [world.get("/v1/customers").status for _ in range(2)] == [200, 200]
    refused = world.post("/v1/products", once="order-1", name="Shirt")
    assert (refused.status, refused.error["code"]) == (429, "rate_limit")
    assert refused.headers.get("Stripe-Should-Retry") == header
    assert world.get("/v1/customers", key="sk_test_globex").status == 200
    world.advance(1)
    assert world.post("/v1/products", once="order-1", name="Shirt").status == 200


def test_an_endpoint_has_a_limit_of_its_own(world: World) -> None:
    world.engine.limits.set(None, 1, None)
    assert world.get("/v1/customers").status == 200
    assert world.get("/v1/customers").headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert world.get("/v1/products").status == 200
