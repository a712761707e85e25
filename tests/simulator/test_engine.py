"""One call, one transaction; the same seed and calls, the same world."""

import pytest

from simulator import journal
from simulator.call import Call
from simulator.endpoints import endpoint, route
from simulator.engine import Engine, Request
from simulator.protocol.errors import declined
from simulator.store import Doc
from tests.simulator.worlds import ACCOUNT, World

LABORATORY = {"fate": "string"}


@endpoint("POST", "/v1/test_laboratory", params=LABORATORY, money=True)
def laboratory(call: Call) -> Doc:
    """Makes a product, then ends in one of several ways."""
    doc = call.add("product", call.new("product", name="Shirt", updated=call.now), "product.created")
    if call.params.get("fate") == "declined":
        raise declined("Your card was declined.", code="card_declined", decline_code="generic_decline")
    if call.params.get("fate") == "crash":
        raise RuntimeError("laboratory")
    return doc


def story(engine: Engine) -> tuple[list[str], list[str]]:
    world = World(engine)
    for number in range(5):
        name = world.post("/v1/customers", email=f"{number}@b.example", once=f"key-{number}")["id"]
        world.post(f"/v1/customers/{name}", metadata={"number": str(number)})
        world.get("/v1/customers")
        world.post("/v1/test_laboratory", fate="declined" if number % 2 else None)
        world.advance(1000)
    events = [row[0] for row in engine.store.db.execute("select body from object where kind = 'event' order by seq")]
    return events, list(journal.lines(engine.store))


def test_the_same_seed_and_calls_make_the_same_world() -> None:
    first, second, other = (story(Engine(None, seed=seed)) for seed in ("1", "1", "2"))
    assert first == second
    assert first[0] != other[0]


def test_reads_change_no_later_id(world: World) -> None:
    quiet = World(Engine(None))
    for _ in range(3):
        world.get("/v1/customers")
    assert world.post("/v1/customers")["id"] == quiet.post("/v1/customers")["id"]


def test_a_declined_card_keeps_what_happened(world: World) -> None:
    answer = world.post("/v1/test_laboratory", fate="declined")
    assert (answer.status, answer.error["type"]) == (402, "card_error")
    assert answer.error["decline_code"] == "generic_decline"
    assert world.types() == ["product.created"]


def test_a_crash_leaves_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    answer = world.post("/v1/test_laboratory", fate="crash")
    assert (answer.status, answer.error["type"]) == (500, "api_error")
    assert world.types() == []
    assert "RuntimeError: laboratory" in caplog.text


def test_the_journal_tells_key_parameters_and_outcome(world: World) -> None:
    world.post("/v1/customers")
    world.post("/v1/test_laboratory", once="order-1", fate="declined")
    world.post("/v1/test_laboratory", once="order-1", fate="declined")
    [line] = journal.lines(world.engine.store)
    assert line.startswith('{"seq":1,"time":')
    assert '"idempotency_key":"order-1","params":{"fate":"declined"},"status":402' in line
    assert line.endswith('"error":"card_declined"}')


def test_a_world_is_taken_up_where_it_was_left(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("world")
    whole, first = World(Engine(None)), World(Engine(folder))
    for world in (whole, first):
        world.post("/v1/customers")
        world.advance(77)
    first.engine.close()
    second = World(Engine(folder, seed="ignored"))
    assert second.engine.clock.now() == whole.engine.clock.now()
    assert second.post("/v1/customers").body == whole.post("/v1/customers").body


def test_placeholders_and_words_of_a_path_are_told_apart() -> None:
    for path, values in (("/v1/customers/search", []), ("/v1/customers/cus_1", ["cus_1"])):
        found = route("GET", path)
        assert found is not None
        assert found[1] == values


def test_an_endpoint_is_called_in_process(world: World) -> None:
    with world.engine.transaction():
        made = world.engine.do(ACCOUNT, "POST", "/v1/customers", email="a@b.example")
    assert world.get(f"/v1/customers/{made['id']}").body == made


def test_a_body_that_is_no_text_is_still_answered(world: World) -> None:
    headers = {"authorization": "Bearer sk_test_acme"}
    assert world.engine.perform(Request("POST", "/v1/customers", "", headers, b"\xff\xfe=1")).status == 400
