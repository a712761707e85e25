"""What is said of a call that moves money, by what came back: that it did nothing, or that nobody knows."""

import datetime
import ipaddress
import json
import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from billing.providers import limiter
from billing.providers.base import Access, AccessRefused, ProviderDeclined, ProviderUnavailable, Unclear
from billing.providers.breaker import FAILURES, TooManyRequests
from billing.providers.stripe.client import Reply, post
from portal.embedded.ports import pick_port
from tests.billing.providers.conftest import UNHURRIED, MakeAccess
from tests.billing.providers.peers import DATE, Peer, answer, answering, saying
from tests.simulator.processes import Simulator

PATH = "/v1/refunds"
KEY = "0b6f0c1e-5d0e-4c57-9a3c-8f6f6e2d1a11"
NAMED = "Request-Id: req_Named1"
REFUND = '{"object": "refund", "id": "re_1"}'


def refund(access: Access, timeouts: tuple[float, float] = (5, 5)) -> Reply:
    params = {"charge": "ch_1", "amount": 100}
    return post(access, PATH, params, key=KEY, what="refund payments", makes="refund", timeouts=timeouts)


def at(peer: Peer) -> Access:
    return Access("sk_test_51SecretOfTheStranger", api_base=peer.url)


def error(type_: str = "invalid_request_error", **details: str) -> str:
    return json.dumps({"error": {"type": type_, **details}})


def failure(status: int, body: str, *headers: str) -> ProviderUnavailable | ProviderDeclined:
    """What is raised for an answer, which holds no key."""
    with answering(status, body, DATE, NAMED, *headers) as peer:
        access = at(peer)
        with pytest.raises((ProviderUnavailable, ProviderDeclined)) as raised:
            refund(access)
    assert len(peer.requests) == 1
    told = "".join(traceback.format_exception(raised.value))
    assert access.api_key not in told
    assert KEY not in str(raised.value)
    return raised.value


def test_a_call_carries_its_idempotency_key_and_is_a_form():
    with answering(200, REFUND, DATE, NAMED) as peer:
        reply = refund(at(peer))
    assert reply.request_id == "req_Named1"
    [request] = peer.requests
    head, _, body = request.partition("\r\n\r\n")
    assert head.startswith(f"POST {PATH} HTTP/1.1")
    assert f"\r\nIdempotency-Key: {KEY}\r\n" in head
    assert body == "charge=ch_1&amount=100"


def test_without_an_idempotency_key_nothing_is_sent(access: Access):
    with pytest.raises(ValueError, match="idempotency key"):
        post(access, PATH, {}, key="", what="refund payments", makes="refund")


NOT_JSON = ("", "<html>hello</html>", "{", "\ud7ff")
NO_ERROR = ("null", "[]", '{"error": null}', '{"error": "no"}', '{"error": []}', '{"error": {}}', '{"message": "no"}')
OF_ANOTHER = '{"error": {"code": 404, "message": "Nothing is here.", "status": "NOT_FOUND"}}'


@pytest.mark.parametrize("body", [*NOT_JSON, "null", "[]", "17", "{}", '{"object": "refund"}'])
def test_a_success_without_the_object_is_unclear(body: str):
    assert type(failure(200, body)) is Unclear


@pytest.mark.parametrize("body", ['{"object": "charge", "id": "ch_1"}', '{"object": "refund", "id": 1}'])
def test_a_success_with_another_object_is_unclear(body: str):
    unclear = failure(200, body)
    assert type(unclear) is Unclear
    assert unclear.request_id == "req_Named1"


def test_a_success_that_does_not_say_when_is_unclear():
    with answering(200, REFUND, NAMED) as peer, pytest.raises(Unclear, match="when it was made") as unclear:
        refund(at(peer))
    assert unclear.value.request_id == "req_Named1"


@pytest.mark.parametrize("status", [408, 405, 413, 418, 424, 425, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [error(), error("api_error"), "", "<html>busy</html>"])
def test_a_failure_of_theirs_is_unclear(status: int, body: str):
    unclear = failure(status, body, "Retry-After: 7")
    assert type(unclear) is Unclear
    assert unclear.request_id == "req_Named1"
    assert unclear.pause == 7
    assert "busy" not in "".join(traceback.format_exception(unclear))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409])
@pytest.mark.parametrize("body", [*NOT_JSON, *NO_ERROR, OF_ANOTHER])
def test_a_refusal_that_is_not_stripes_is_unclear(status: int, body: str):
    assert type(failure(status, body)) is Unclear


@pytest.mark.parametrize("status", [400, 402, 404])
@pytest.mark.parametrize("type_", ["api_error", "something_new"])
def test_a_refusal_of_a_type_that_may_be_anything_is_unclear(status: int, type_: str):
    assert type(failure(status, error(type_))) is Unclear


def test_a_key_that_was_used_otherwise_is_unclear():
    unclear = failure(400, error("idempotency_error", message=f"Try another key than '{KEY}'."))
    assert type(unclear) is Unclear
    assert "other parameters" in str(unclear)
    assert unclear.request_id == "req_Named1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", [REFUND, ""])
def test_a_call_that_is_sent_elsewhere_goes_nowhere_and_is_unclear(status: int, body: str):
    with answering(200, REFUND, DATE) as elsewhere:
        unclear = failure(status, body, f"Location: {elsewhere.url}{PATH}")
    assert type(unclear) is Unclear
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("status", "type_"),
    [
        (400, "invalid_request_error"),
        (402, "card_error"),
        (402, "invalid_request_error"),
        (404, "invalid_request_error"),
    ],
)
def test_a_refusal_of_stripes_is_definite(status: int, type_: str):
    body = error(type_, code="charge_disputed", param="charge", message="Charge ch_1 has been charged back.")
    declined = failure(status, body)
    assert type(declined) is ProviderDeclined
    assert str(declined) == "Charge ch_1 has been charged back."
    said = (declined.status, declined.code, declined.param, declined.request_id)
    assert said == (status, "charge_disputed", "charge", "req_Named1")


@pytest.mark.parametrize("status", [400, 404])
def test_what_is_missing_is_named_as_stripe_does(status: int):
    declined = failure(status, error(code="resource_missing", param="charge", message="No such charge: 'ch_1'"))
    assert type(declined) is ProviderDeclined
    assert (str(declined), declined.code) == ("No such charge: 'ch_1'", "resource_missing")


def test_a_refused_key_is_definite():
    refused = failure(401, error(message="Invalid API Key provided: sk_test_51Sec*****nger"))
    assert type(refused) is AccessRefused
    assert "does not know the key" in str(refused)
    assert refused.request_id == "req_Named1"


def test_a_key_that_may_not_write_is_told_so():
    message = "The provided key 'rk_test_51Secret' lacks it. Having the 'rak_charge_write' permission would do."
    refused = failure(403, error(message=message))
    assert type(refused) is AccessRefused
    assert str(refused) == "The key may not refund payments: it lacks the permission rak_charge_write."


@pytest.mark.parametrize(
    "body", [error("idempotency_error", code="idempotency_key_in_use"), error(code="lock_timeout")]
)
def test_a_conflict_did_nothing(body: str):
    conflict = failure(409, body, "Retry-After: 3")
    assert type(conflict) is ProviderUnavailable
    assert (conflict.pause, conflict.request_id) == (3, "req_Named1")


@pytest.mark.parametrize(
    ("status", "body"), [(429, error(code="lock_timeout")), (429, "<html>"), (400, error(code="rate_limit"))]
)
def test_too_many_requests_did_nothing(status: int, body: str):
    refused = failure(status, body, "Retry-After: 3")
    assert type(refused) is TooManyRequests
    assert (refused.pause, refused.request_id) == (3, "req_Named1")


def test_a_strange_name_of_a_call_is_left_out():
    with answering(400, error(), DATE, "Request-Id: <b>req 1</b>") as peer, pytest.raises(ProviderDeclined) as raised:
        refund(at(peer))
    assert raised.value.request_id == ""


# Lines


def test_a_reset_is_unclear():
    with saying(b"") as peer, pytest.raises(Unclear, match="ConnectionError"):
        refund(at(peer))
    assert len(peer.requests) == 1


def test_half_an_answer_is_unclear():
    whole = answer(200, REFUND, DATE)
    for cut in (whole[:-5], whole[: whole.index(b"\r\n\r\n")], whole[:9]):
        with saying(cut) as peer, pytest.raises(Unclear):
            refund(at(peer))


@pytest.mark.parametrize("after", [False, True])
def test_an_answer_that_does_not_come_in_time_is_unclear(simulator: Simulator, access: Access, after: bool):
    simulator.control("POST", "/faults", kind="latency", match=f"POST {PATH}", seconds=0.4, after=after)
    with pytest.raises(Unclear, match="ReadTimeout"):
        refund(access, (5, 0.1))


@pytest.mark.parametrize("after", [False, True])
def test_a_reset_of_a_line_that_was_kept_open_is_unclear(simulator: Simulator, access: Access, after: bool):
    with pytest.raises(ProviderDeclined, match="No such charge"):
        refund(access)
    simulator.control("POST", "/faults", kind="reset", match=f"POST {PATH}", after=after)
    with pytest.raises(Unclear):
        refund(access)


def nobody(access: Access, timeouts: tuple[float, float] = (5, 5)) -> ProviderUnavailable:
    with pytest.raises(ProviderUnavailable) as away:
        refund(access, timeouts)
    return away.value


def test_where_nobody_listens_nothing_was_done(make_access: MakeAccess):
    assert type(nobody(make_access(api_base=f"http://127.0.0.1:{pick_port()}"))) is ProviderUnavailable


def test_under_an_unknown_name_nothing_was_done(make_access: MakeAccess):
    assert type(nobody(make_access(api_base="http://nobody.invalid"))) is ProviderUnavailable


def test_a_knock_that_nobody_answers_did_nothing(make_access: MakeAccess):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        # Linux leaves those who come when the queue is full without an answer.
        waiting = [socket.socket() for _ in range(4)]
        for line in waiting:
            line.setblocking(False)
            line.connect_ex(full.getsockname())
        away = nobody(make_access(api_base=f"http://127.0.0.1:{full.getsockname()[1]}"), (0.1, 5))
        for line in waiting:
            line.close()
    assert type(away) is ProviderUnavailable
    assert "ConnectTimeout" in str(away)


def test_a_certificate_of_somebody_else_did_nothing(make_access: MakeAccess, tmp_path: Path):
    with secured(tmp_path) as port:
        away = nobody(make_access(api_base=f"https://127.0.0.1:{port}"))
    assert type(away) is ProviderUnavailable
    assert "SSLError" in str(away)


def test_a_handshake_that_breaks_is_unclear():
    """It looks like a line that breaks later."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(65_536)
                line.sendall(b"no TLS here")

        thread = threading.Thread(target=hang_up)
        thread.start()
        away = nobody(Access("sk_test_tls", api_base=f"https://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()
    assert type(away) is Unclear


def test_a_proxy_that_is_not_there_did_nothing(make_access: MakeAccess, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{pick_port()}")
    away = nobody(make_access(api_base="http://processor.example"))
    assert type(away) is ProviderUnavailable
    assert "ProxyError" in str(away)


def test_a_proxy_that_breaks_off_is_unclear(make_access: MakeAccess, monkeypatch: pytest.MonkeyPatch):
    with saying(b"") as peer:
        monkeypatch.setenv("http_proxy", peer.url)
        unclear = nobody(make_access(api_base="http://processor.example"))
    assert [request.split()[1] for request in peer.requests] == [f"http://processor.example{PATH}"]
    assert type(unclear) is Unclear


def test_an_earlier_failure_excuses_no_later_one(make_access: MakeAccess):
    """A call made while another one's failure is handled."""
    with saying(b"") as peer, pytest.raises(Unclear):
        try:
            refund(make_access(api_base=f"http://127.0.0.1:{pick_port()}"))
        except ProviderUnavailable:
            refund(at(peer))


# Breaker and limiter


def test_unclear_calls_open_the_breaker_and_then_nothing_is_sent():
    with answering(200, "{}", DATE) as peer:
        for _ in range(FAILURES):
            with pytest.raises(Unclear):
                refund(at(peer))
        with pytest.raises(ProviderUnavailable, match="for a while") as away:
            refund(at(peer))
    assert type(away.value) is ProviderUnavailable
    assert len(peer.requests) == FAILURES


def test_a_call_without_a_turn_is_not_sent(access: Access):
    limiter.configure(test=1)
    try:
        waiting = limiter.bucket(access, livemode=False)
        while waiting.reserve()[0]:
            pass
        with pytest.raises(TooManyRequests, match="wait already"):
            refund(access)
    finally:
        limiter.configure(test=UNHURRIED)


@contextmanager
def secured(folder: Path) -> Iterator[int]:
    """The port of somebody who speaks TLS with a certificate of their own making."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_own_certificate(folder))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def shake_hands() -> None:
            line, _ = listener.accept()
            with line, pytest.raises(ssl.SSLError):
                context.wrap_socket(line, server_side=True).recv(1)

        thread = threading.Thread(target=shake_hands)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _own_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "own.pem"
    file.write_bytes(private + certificate.public_bytes(pem))
    return file
