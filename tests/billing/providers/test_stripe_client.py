"""Calls to Stripe that go wrong, and what is said of them."""

import json
import multiprocessing
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from billing.providers import limiter
from billing.providers.base import Access, AccessRefused, ProviderDeclined, ProviderUnavailable
from billing.providers.breaker import FAILURES, FIRST_SECONDS, TooManyRequests
from billing.providers.stripe import client
from billing.providers.stripe.client import VERSION, Missing, Reply, ask
from portal.embedded.ports import pick_port
from tests.billing.providers.conftest import UNHURRIED, MakeAccess
from tests.billing.providers.peers import DATE, answering
from tests.simulator.processes import Simulator

PATH = "/v1/customers"


def customers(access: Access, timeouts: tuple[float, float] = (5, 5)) -> Reply:
    return ask(access, PATH, {"limit": 1}, what="customers", timeouts=timeouts)


def error(**details: str) -> str:
    return json.dumps({"error": {"type": "invalid_request_error", **details}})


def test_an_answer_is_plain_json(simulator: Simulator, access: Access):
    made = simulator.client(access.api_key).v1.customers.create({"email": "a@b.example"})
    [customer] = customers(access).data["data"]
    assert isinstance(customer, dict)
    assert (customer["id"], customer["email"]) == (made.id, "a@b.example")


def test_a_call_carries_key_account_and_version():
    with answering(200, "{}", DATE) as peer:
        customers(Access("sk_test_carried", "acct_1", f"{peer.url}/"))
    [request] = peer.requests
    assert request.startswith(f"GET {PATH}?limit=1 HTTP/1.1")
    for line in ("Authorization: Bearer sk_test_carried", "Stripe-Account: acct_1", f"Stripe-Version: {VERSION}"):
        assert f"\r\n{line}\r\n" in request


def test_without_a_connect_account_none_is_named():
    with answering(200, "{}", DATE) as peer:
        customers(Access("sk_test_alone", api_base=peer.url))
    assert "Stripe-Account" not in peer.requests[0]


@pytest.mark.parametrize("after", [False, True])
def test_a_slow_answer_is_waited_for_only_so_long(simulator: Simulator, access: Access, after: bool):
    simulator.control("POST", "/faults", kind="latency", match=f"GET {PATH}", seconds=0.6, after=after)
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        customers(access, (5, 0.1))
    assert time.monotonic() - began < 0.5


def test_nobody_listens(make_access: MakeAccess):
    with pytest.raises(ProviderUnavailable, match="ConnectionError"):
        customers(make_access(api_base=f"http://127.0.0.1:{pick_port()}"))


@pytest.mark.parametrize("kind", ["reset", "cut"])
@pytest.mark.parametrize("after", [False, True])
def test_the_line_breaks(simulator: Simulator, access: Access, kind: str, after: bool):
    simulator.control("POST", "/faults", kind=kind, match=f"GET {PATH}", after=after)
    with pytest.raises(ProviderUnavailable, match="connection to Stripe failed"):
        customers(access)
    customers(access)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("status", [408, 409, 500, 503])
@pytest.mark.parametrize("body", ["", "<html>busy</html>"])
@pytest.mark.parametrize("wait", [None, 7])
def test_a_failure_of_theirs(simulator: Simulator, access: Access, after: bool, status: int, body: str, wait):
    fault = {"status": status, "body": body, "after": after, "wait": wait}
    simulator.control("POST", "/faults", kind="error", match=f"GET {PATH}", **fault)
    with pytest.raises(ProviderUnavailable, match=f"status {status}") as failed:
        customers(access)
    assert failed.value.pause == wait
    assert "busy" not in "".join(traceback.format_exception(failed.value))
    customers(access)


@pytest.mark.parametrize("retry", [True, False, None])
@pytest.mark.parametrize("wait", [None, 0, 7])
def test_too_many_requests_wait_as_long_as_they_are_told(simulator: Simulator, access: Access, retry, wait):
    simulator.control("POST", "/faults", kind="rate_limit", match=f"GET {PATH}", retry=retry, wait=wait)
    with pytest.raises(TooManyRequests, match="fewer") as refused:
        customers(access)
    assert refused.value.pause == wait


def test_too_many_requests_as_they_were_called_before(simulator: Simulator, access: Access):
    simulator.control("POST", "/faults", kind="error", status=400, body=error(code="rate_limit"), match=f"GET {PATH}")
    with pytest.raises(TooManyRequests):
        customers(access)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("Mon, 05 Jan 2026 09:00:30 GMT", 30),
        ("Mon, 05 Jan 2026 08:00:00 GMT", 0),
        ("Wed, 05 Jan 2056 09:00:00 GMT", 3600),
        ("99999999999999999999", 3600),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_within_reason(value: str, pause: int | None):
    with answering(503, "", DATE, f"Retry-After: {value}") as peer, pytest.raises(ProviderUnavailable) as failed:
        customers(Access("sk_test_patient", api_base=peer.url))
    assert failed.value.pause == pause


def test_an_unknown_key_is_refused_and_not_repeated(make_access: MakeAccess):
    access = make_access("sk_live_51NobodyKnowsThisOne")
    with pytest.raises(AccessRefused, match="does not know the key") as refused:
        customers(access)
    assert refused.value.status == 401
    told = "".join(traceback.format_exception(refused.value)) + repr(access)
    assert access.api_key[:10] not in told
    assert access.api_key[-4:] not in told


def test_an_expired_key_is_called_so(simulator: Simulator, access: Access):
    body = error(code="api_key_expired", message=f"Expired API Key provided: {access.api_key}")
    simulator.control("POST", "/faults", kind="error", status=401, body=body, match=f"GET {PATH}")
    with pytest.raises(AccessRefused, match="has expired") as refused:
        customers(access)
    assert refused.value.code == "api_key_expired"


def test_a_missing_permission_is_named(simulator: Simulator, access: Access):
    message = f"The provided key '{access.api_key}' lacks permissions. Having the 'rak_customer_read' permission helps."
    simulator.control("POST", "/faults", kind="error", status=403, body=error(message=message), match=f"GET {PATH}")
    with pytest.raises(AccessRefused) as refused:
        customers(access)
    assert str(refused.value) == "The key may not read customers: it lacks the permission rak_customer_read."
    assert refused.value.status == 403


def test_an_account_that_is_not_connected_is_named(make_access: MakeAccess):
    with pytest.raises(AccessRefused, match="no access to the account acct_1Other"):
        customers(make_access(account="acct_1Other"))


def test_a_refusal_keeps_their_words_without_the_key(simulator: Simulator, access: Access):
    body = error(code="parameter_unknown", param="limits", message=f"Not with {access.api_key}: limits")
    simulator.control("POST", "/faults", kind="error", status=400, body=body, match=f"GET {PATH}")
    with pytest.raises(ProviderDeclined, match=r"^Not with \(key\): limits$") as refused:
        customers(access)
    assert not isinstance(refused.value, AccessRefused)
    assert (refused.value.status, refused.value.code, refused.value.param) == (400, "parameter_unknown", "limits")


def test_an_unknown_path_is_no_missing_object(access: Access):
    with pytest.raises(ProviderDeclined, match="Unrecognized") as refused:
        ask(access, "/v1/nothing", what="nothing")
    assert not isinstance(refused.value, Missing)
    assert (refused.value.status, refused.value.code) == (404, "invalid_request_error")


NOT_JSON = ("", "<html>hello</html>", "{", "\ud7ff", "[" * 20_000)
NO_OBJECT = ("null", "[]", '"text"', "17")
NO_ERROR = ('{"error": null}', '{"error": "unauthorized"}', '{"error": []}', '{"error": {}}', '{"message": "no"}')


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("body", [*NOT_JSON, *NO_OBJECT, *NO_ERROR])
def test_an_error_that_is_not_stripes_says_nothing(status: int, body: str):
    with answering(status, body, DATE) as peer, pytest.raises(ProviderUnavailable):
        customers(Access("sk_test_stranger", api_base=peer.url))


@pytest.mark.parametrize("body", [*NOT_JSON, *NO_OBJECT])
def test_a_result_that_is_no_object_says_nothing(body: str):
    with answering(200, body, DATE) as peer, pytest.raises(ProviderUnavailable):
        customers(Access("sk_test_stranger", api_base=peer.url))


@pytest.mark.parametrize(
    "headers",
    [
        *((), ("Date: yesterday",), ("Date:",), ("Date: Mon, 05 Jan 2026 09:00:00",)),
        *(("Date: Fri, 31 Dec 9999 23:59:59 -0100",), (DATE, DATE)),
    ],
)
def test_an_answer_without_one_readable_date_is_of_no_use(headers: tuple[str, ...]):
    with answering(200, "{}", *headers) as peer, pytest.raises(ProviderUnavailable, match="when it was made"):
        customers(Access("sk_test_dateless", api_base=peer.url))


def test_after_three_failures_nothing_is_sent_for_a_while(simulator: Simulator, access: Access, make_access):
    simulator.control("POST", "/faults", kind="error", match=f"GET {PATH}", times=FAILURES)
    for _ in range(FAILURES):
        with pytest.raises(ProviderUnavailable, match="status 500"):
            customers(access)
    with pytest.raises(ProviderUnavailable, match="for a while") as refused:
        customers(access)
    assert refused.value.pause == pytest.approx(FIRST_SECONDS, abs=1)
    customers(make_access())


def test_refusals_and_missing_objects_are_answers(simulator: Simulator, access: Access):
    for status, body in ((400, error()), (401, error()), (403, error()), (404, error(code="resource_missing"))):
        simulator.control("POST", "/faults", kind="error", match=f"GET {PATH}", times=FAILURES - 1)
        for _ in range(FAILURES - 1):
            with pytest.raises(ProviderUnavailable, match="status 500"):
                customers(access)
        simulator.control("POST", "/faults", kind="error", match=f"GET {PATH}", status=status, body=body)
        with pytest.raises(ProviderDeclined):
            customers(access)
    customers(access)


def test_calls_wait_for_their_turn(access: Access):
    customers(access)
    limiter.configure(test=5)
    try:
        began = time.monotonic()
        for _ in range(3):
            customers(access)
        assert 0.4 <= time.monotonic() - began < 1
    finally:
        limiter.configure(test=UNHURRIED)


def test_a_long_queue_is_no_failure_and_says_how_long_it_is(access: Access):
    limiter.configure(test=1)
    try:
        waiting = limiter.bucket(access, livemode=False)
        while waiting.reserve()[0]:
            pass
        with pytest.raises(TooManyRequests, match="wait already") as refused:
            customers(access)
        assert refused.value.pause == pytest.approx(3, abs=0.5)
    finally:
        limiter.configure(test=UNHURRIED)


def test_a_process_that_forks_shares_no_connection(access: Access):
    customers(access)
    assert client._client.cache_info().currsize > 0
    context = multiprocessing.get_context("fork")
    child = context.Process(target=lambda: sys.exit(client._client.cache_info().currsize))
    child.start()
    child.join()
    assert child.exitcode == 0


def test_each_thread_keeps_lines_of_its_own():
    session = client._Session()
    with ThreadPoolExecutor(1) as another:
        assert another.submit(lambda: session.adapters).result() is not session.adapters
