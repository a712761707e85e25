"""Customers: made, changed, listed, searched, deleted, each time with its event."""

from tests.simulator.worlds import World


def test_a_customer_is_created_with_an_event(world: World) -> None:
    made = world.post("/v1/customers", email="a@b.example", address={"city": "Paris"}, metadata={"tier": "gold"})
    assert made["address"] == {
        "city": "Paris",
        "country": None,
        "line1": None,
        "line2": None,
        "postal_code": None,
        "state": None,
    }
    assert world.get(f"/v1/customers/{made['id']}").body == made.body
    [event] = world.events()
    assert (event["type"], event["data"]) == ("customer.created", {"object": made.body})


def test_an_update_says_what_was_before(world: World) -> None:
    name = world.post("/v1/customers", email="a@b.example", metadata={"tier": "gold", "since": "2020"})["id"]
    changed = world.post(f"/v1/customers/{name}", email="c@d.example", metadata={"tier": "", "vip": "yes"})
    assert (changed["email"], changed["metadata"]) == ("c@d.example", {"since": "2020", "vip": "yes"})
    event = world.events()[-1]
    assert event["type"] == "customer.updated"
    assert event["data"]["previous_attributes"] == {
        "email": "a@b.example",
        "metadata": {"tier": "gold", "vip": None},
    }


def test_an_update_that_changes_nothing_tells_nobody(world: World) -> None:
    name = world.post("/v1/customers", email="a@b.example")["id"]
    assert world.post(f"/v1/customers/{name}", email="a@b.example").status == 200
    assert world.types() == ["customer.created"]


def test_an_empty_value_unsets_a_field(world: World) -> None:
    name = world.post("/v1/customers", name="Bo", metadata={"a": "b"}, tax_exempt="exempt")["id"]
    changed = world.post(f"/v1/customers/{name}", name="", metadata="", tax_exempt="")
    assert (changed["name"], changed["metadata"], changed["tax_exempt"]) == (None, {}, "none")


def test_customers_are_found_by_email_after_it_changed(world: World) -> None:
    name = world.post("/v1/customers", email="a@b.example")["id"]
    world.post("/v1/customers", email="other@b.example")
    world.post(f"/v1/customers/{name}", email="c@d.example")
    assert world.get("/v1/customers", email="a@b.example")["data"] == []
    assert [doc["id"] for doc in world.get("/v1/customers", email="c@d.example")["data"]] == [name]


def test_a_deleted_customer_is_a_stub(world: World) -> None:
    made = world.post("/v1/customers", email="a@b.example")
    stub = {"id": made["id"], "object": "customer", "deleted": True}
    assert world.delete(f"/v1/customers/{made['id']}").body == stub
    assert world.get(f"/v1/customers/{made['id']}").body == stub
    assert world.get("/v1/customers")["data"] == []
    assert world.post(f"/v1/customers/{made['id']}", name="Bo").error["code"] == "resource_missing"
    event = world.events()[-1]
    assert (event["type"], event["data"]["object"]) == ("customer.deleted", made.body)


def test_customers_are_searched(world: World) -> None:
    name = world.post("/v1/customers", email="a@b.example", name="Bo Yu", metadata={"tier": "gold"})["id"]
    world.post("/v1/customers", email="c@d.example", name="Al")
    found = world.get("/v1/customers/search", query="name~'yu' AND metadata['tier']:'gold'")
    assert [doc["id"] for doc in found["data"]] == [name]
    assert found["object"] == "search_result"


def test_accounts_do_not_see_each_other(world: World) -> None:
    name = world.post("/v1/customers")["id"]
    assert world.get(f"/v1/customers/{name}", key="sk_test_globex").status == 404
    assert world.get("/v1/customers", key="sk_test_globex")["data"] == []
    assert world.get("/v1/customers", key="rk_test_acme")["data"][0]["id"] == name
