"""GET /v1/events, and what an event says."""

from simulator import spec
from simulator.events.emit import difference
from tests.simulator.worlds import World

DAY = 24 * 3600


def test_an_event_tells_of_its_request(world: World) -> None:
    made = world.post("/v1/customers", once="order-1")
    [event] = world.events()
    assert event["request"] == {"id": made.headers["Request-Id"], "idempotency_key": "order-1"}
    assert (event["api_version"], event["livemode"], event["pending_webhooks"]) == (spec.version(), False, 0)
    assert "account" not in event


def test_events_are_newest_first_and_keep_what_was(world: World) -> None:
    name = world.post("/v1/customers", name="Al")["id"]
    world.post(f"/v1/customers/{name}", name="Bo")
    changed, created = world.get("/v1/events")["data"]
    assert (changed["type"], created["type"]) == ("customer.updated", "customer.created")
    assert created["data"]["object"]["name"] == "Al"
    assert world.get(f"/v1/events/{created['id']}").body == created


def test_events_are_filtered_by_type(world: World) -> None:
    name = world.post("/v1/customers")["id"]
    world.delete(f"/v1/customers/{name}")
    world.post("/v1/products", name="Shirt")
    assert [event["type"] for event in world.events(type="customer.*")] == ["customer.created", "customer.deleted"]
    assert [event["type"] for event in world.events(types=["product.created", "customer.deleted"])] == [
        "customer.deleted",
        "product.created",
    ]
    assert world.get("/v1/events", types=["product.created"] * 21).status == 400
    assert world.get("/v1/events", types=["product.created"], type="product.created").status == 400


def test_filtered_pages_follow_each_other_both_ways(world: World) -> None:
    for number in range(7):
        world.post("/v1/customers")
        world.post("/v1/products", name=str(number))
    every = [event["id"] for event in world.get("/v1/events", type="product.created", limit=100)["data"]]
    first = world.get("/v1/events", type="product.created", limit=3)
    rest = world.get("/v1/events", type="product.created", limit=4, starting_after=every[2])
    assert ([event["id"] for event in first["data"]], first["has_more"]) == (every[:3], True)
    assert ([event["id"] for event in rest["data"]], rest["has_more"]) == (every[3:], False)
    back = world.get("/v1/events", type="product.created", limit=2, ending_before=every[4])
    assert ([event["id"] for event in back["data"]], back["has_more"]) == (every[2:4], True)


def test_events_are_kept_for_thirty_days(world: World) -> None:
    world.post("/v1/customers")
    [event] = world.events()
    world.advance(30 * DAY)
    assert world.get(f"/v1/events/{event['id']}").status == 200
    world.advance(1)
    assert world.get(f"/v1/events/{event['id']}").status == 404
    assert world.events() == []


def test_an_event_waits_for_the_endpoints_that_it_is_for(world: World) -> None:
    for events in (["*"], ["customer.created"], ["product.created"], ["*"]):
        last = world.post("/v1/webhook_endpoints", url="https://a.example/hook", enabled_events=events)["id"]
    world.post(f"/v1/webhook_endpoints/{last}", disabled=True)
    world.post("/v1/customers")
    [event] = world.events()
    assert event["pending_webhooks"] == 2
    assert world.events(delivery_success=True) == []
    assert world.events(delivery_success=False) == [event]


def test_a_difference_is_what_was_before() -> None:
    old = {"a": 1, "b": {"x": 1, "y": 2}, "c": [1], "d": {"object": "card", "z": 1}, "same": {"k": 1}}
    new = {
        "a": 2,
        "b": {"x": 1, "y": 3, "n": 4},
        "c": [1, 2],
        "d": {"object": "card", "z": 2},
        "same": {"k": 1},
        "e": 5,
    }
    assert difference(old, new) == {
        "a": 1,
        "b": {"y": 2, "n": None},
        "c": [1],
        "d": {"object": "card", "z": 1},
        "e": None,
    }
