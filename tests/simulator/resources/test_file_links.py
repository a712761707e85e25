"""Whoever has a link reads the file, as long as it lasts."""

import pytest

from simulator.engine import Request
from tests.simulator.resources.uploads import PDF, uploaded
from tests.simulator.worlds import World


def read(world: World, url: str) -> tuple[int, bytes]:
    answer = world.engine.perform(Request("GET", url.removeprefix("https://files.stripe.com")))
    return answer.status, answer.body


def test_a_link_needs_no_key(world: World) -> None:
    file = uploaded(world)["id"]
    link = world.post("/v1/file_links", file=file, metadata={"for": "bank"})
    assert read(world, link["url"]) == (200, PDF)
    assert world.get(f"/v1/files/{file}")["links"]["data"] == [link.body]
    assert world.get("/v1/file_links", file=file)["data"] == [link.body]


def test_a_link_ends_at_its_time(world: World) -> None:
    file = uploaded(world)["id"]
    link = world.post("/v1/file_links", file=file, expires_at=world.engine.clock.now() + 60)
    world.advance(60)
    assert read(world, link["url"])[0] == 404
    assert world.get(f"/v1/file_links/{link['id']}")["expired"] is True
    assert world.get("/v1/file_links", expired=False)["data"] == []
    assert world.post(f"/v1/file_links/{link['id']}", expires_at="now").status == 400


def test_a_link_ends_when_told(world: World) -> None:
    link = world.post("/v1/file_links", file=uploaded(world)["id"])
    assert world.post(f"/v1/file_links/{link['id']}", expires_at="now")["expired"] is True
    assert read(world, link["url"])[0] == 404


def test_a_link_comes_with_the_file(world: World) -> None:
    file = uploaded(world, **{"file_link_data[create]": "true"})
    assert read(world, file["links"]["data"][0]["url"]) == (200, PDF)


@pytest.mark.parametrize("token", ["YWNjdF8xfGxpbmtfMQ==", "no-token", "_w=="])
def test_nobody_guesses_a_link(world: World, token: str) -> None:
    assert read(world, f"/links/{token}")[0] == 404


def test_some_purposes_allow_no_links(world: World) -> None:
    file = uploaded(world, purpose="identity_document")["id"]
    assert world.post("/v1/file_links", file=file).error["param"] == "file"
    assert world.post("/v1/file_links", file="file_none").error["code"] == "resource_missing"
