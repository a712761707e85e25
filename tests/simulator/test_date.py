"""The Date header tells virtual time, so that a client may reckon with it."""

import threading
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.simulator.processes import Simulator


def dates(simulator: Simulator, path: str = "/v1/products", key: str = "sk_test_dates") -> list[int]:
    request = Request(simulator.url + path, headers={"Authorization": f"Bearer {key}"})
    try:
        with urlopen(request, timeout=10) as answer:
            headers = answer.headers
    except HTTPError as refused:
        headers = refused.headers
        refused.close()
    return [int(parsedate_to_datetime(value).timestamp()) for value in headers.get_all("Date")]


def now(simulator: Simulator) -> int:
    return int(simulator.control("GET", "/clock")["now"])


def test_every_answer_has_one_date_and_it_is_virtual(simulator: Simulator) -> None:
    assert dates(simulator) == [now(simulator)]
    simulator.control("POST", "/clock", advance=86_400)
    assert dates(simulator) == [now(simulator)]
    assert dates(simulator, "/v1/nothing") == dates(simulator, key="pk_none") == [now(simulator)]


@pytest.mark.parametrize("kind", ["rate_limit", "error"])
def test_a_failure_has_a_date_too(simulator: Simulator, kind: str) -> None:
    simulator.control("POST", "/faults", kind=kind, match="GET /v1/products")
    assert dates(simulator) == [now(simulator)]


def test_the_date_is_that_of_the_work_not_of_the_answer(simulator: Simulator) -> None:
    began = now(simulator)
    simulator.control("POST", "/faults", kind="latency", match="GET /v1/coupons", seconds=0.3, after=True)
    told: list[int] = []
    asking = threading.Thread(target=lambda: told.extend(dates(simulator, "/v1/coupons")))
    asking.start()
    while simulator.control("GET", "/faults"):
        pass
    simulator.control("POST", "/clock", advance=3600)
    asking.join()
    assert told == [began]


@pytest.mark.parametrize("kind", ["rate_limit", "error"])
def test_a_failure_says_how_long_to_wait_when_told_to(simulator: Simulator, kind: str) -> None:
    simulator.control("POST", "/faults", kind=kind, match="GET /v1/products", wait=7)
    simulator.control("POST", "/faults", kind=kind, match="GET /v1/products")
    key = {"Authorization": "Bearer sk_test_dates"}
    assert simulator.plain("GET", "/v1/products", **key)[1]["retry-after"] == "7"
    assert "retry-after" not in simulator.plain("GET", "/v1/products", **key)[1]
