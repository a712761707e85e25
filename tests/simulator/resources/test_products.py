"""Products."""

from tests.simulator.worlds import World


def test_a_product_has_a_size(world: World) -> None:
    size = {"height": "1.5", "length": "2", "weight": "3.25", "width": "4"}
    shown = {"height": 1.5, "length": 2, "weight": 3.25, "width": 4}
    assert world.post("/v1/products", name="Box", package_dimensions=size)["package_dimensions"] == shown


def test_a_product_is_created_changed_and_deleted_with_events(world: World) -> None:
    made = world.post("/v1/products", name="Shirt", images=["https://a.example/1.png"])
    world.advance(60)
    changed = world.post(f"/v1/products/{made['id']}", active=False, images="")
    assert (changed["active"], changed["images"], changed["updated"] - made["updated"]) == (False, [], 60)
    assert world.delete(f"/v1/products/{made['id']}")["deleted"] is True
    assert world.types() == ["product.created", "product.updated", "product.deleted"]
    assert world.get(f"/v1/products/{made['id']}").status == 404


def test_an_id_of_ones_own_is_taken_once(world: World) -> None:
    assert world.post("/v1/products", id="shirt", name="Shirt")["id"] == "shirt"
    again = world.post("/v1/products", id="shirt", name="Shirt")
    assert (again.status, again.error["code"]) == (400, "resource_already_exists")


def test_products_are_listed_by_id_and_by_state(world: World) -> None:
    shirt, hat = (world.post("/v1/products", name=name)["id"] for name in ("Shirt", "Hat"))
    world.post(f"/v1/products/{hat}", active=False)
    assert [doc["id"] for doc in world.get("/v1/products", active=True)["data"]] == [shirt]
    assert [doc["id"] for doc in world.get("/v1/products", ids=[hat, "prod_none"])["data"]] == [hat]


def test_a_product_needs_a_name(world: World) -> None:
    refused = world.post("/v1/products")
    assert (refused.status, refused.error["code"], refused.error["param"]) == (400, "parameter_missing", "name")
