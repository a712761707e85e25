"""Lists: newest first, cursors both ways, ranges, limits."""

import pytest

from tests.simulator.worlds import World


def make(world: World, count: int) -> list[str]:
    """Ids of customers, newest first, ten seconds apart."""
    names = []
    for _ in range(count):
        names.append(world.post("/v1/customers")["id"])
        world.advance(10)
    return names[::-1]


def ids(world: World, **params: object) -> list[str]:
    return [doc["id"] for doc in world.get("/v1/customers", **params)["data"]]


def test_ten_are_shown_newest_first(world: World) -> None:
    names = make(world, 12)
    page = world.get("/v1/customers")
    assert [doc["id"] for doc in page["data"]] == names[:10]
    assert (page["has_more"], page["url"]) == (True, "/v1/customers")


def test_a_cursor_goes_on_where_the_page_ended(world: World) -> None:
    names = make(world, 5)
    last = world.get("/v1/customers", limit=3, starting_after=names[1])
    assert [doc["id"] for doc in last["data"]] == names[2:]
    assert last["has_more"] is False


def test_a_cursor_goes_back_to_the_page_before(world: World) -> None:
    names = make(world, 5)
    page = world.get("/v1/customers", limit=2, ending_before=names[3])
    assert [doc["id"] for doc in page["data"]] == names[1:3]
    assert page["has_more"] is True


def test_a_range_of_creation(world: World) -> None:
    names = make(world, 4)
    at = [world.get(f"/v1/customers/{name}")["created"] for name in names]
    assert ids(world, created={"gt": at[3], "lte": at[1]}) == names[1:3]
    assert ids(world, created={"gte": at[3], "lt": at[2]}) == [names[3]]
    assert ids(world, created=at[0]) == [names[0]]


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_limit_lies_between_1_and_100(world: World, limit: int) -> None:
    assert world.get("/v1/customers", limit=limit).error["param"] == "limit"


def test_a_cursor_must_exist_and_be_alone(world: World) -> None:
    product = world.post("/v1/products", name="Shirt")["id"]
    missing = world.get("/v1/customers", starting_after=product)
    assert (missing.status, missing.error["param"]) == (400, "starting_after")
    [name] = make(world, 1)
    assert world.get("/v1/customers", starting_after=name, ending_before=name).status == 400
