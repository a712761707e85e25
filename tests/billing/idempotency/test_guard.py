import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.idempotency.guard import Answer, KeyMalformed, KeyReused, once
from billing.idempotency.models import IdempotencyKey
from billing.merchants.models import Merchant
from tests.billing.factories import make_merchant

REQUEST = {"action": "refund", "amount": 500}


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"run": self.times}


@pytest.fixture
def merchant(db: None) -> Merchant:
    return make_merchant()


def send(merchant: Merchant, work: Callable[[], Any], key: str = "key-1", request: Any = REQUEST) -> Answer:
    return once(merchant_id=merchant.pk, key=key, request=request, work=work)


def test_the_same_request_is_answered_twice_and_done_once(merchant: Merchant) -> None:
    work = Work()
    assert send(merchant, work) == Answer({"run": 1}, repeated=False)
    assert send(merchant, work) == Answer({"run": 1}, repeated=True)
    assert send(merchant, work, request={"amount": 500, "action": "refund"}).repeated
    assert work.times == 1


@pytest.mark.parametrize("other", [{**REQUEST, "amount": 501}, {**REQUEST, "more": None}, {"action": "refund"}, {}])
def test_a_key_is_good_for_one_request(merchant: Merchant, other: dict[str, Any]) -> None:
    work = Work()
    send(merchant, work)
    with pytest.raises(KeyReused):
        send(merchant, work, request=other)
    assert work.times == 1


def test_keys_of_two_merchants_are_two_keys(merchant: Merchant) -> None:
    work = Work()
    send(merchant, work)
    assert send(make_merchant(), work) == Answer({"run": 2}, repeated=False)


def test_two_keys_are_two_requests(merchant: Merchant) -> None:
    work = Work()
    send(merchant, work, key="key-1")
    assert send(merchant, work, key="KEY-1") == Answer({"run": 2}, repeated=False)


@pytest.mark.parametrize("answer", [None, [], "text", {"nested": [1, None]}, 7])
def test_any_json_can_be_the_answer(merchant: Merchant, answer: object) -> None:
    send(merchant, lambda: answer)
    assert send(merchant, Work()) == Answer(answer, repeated=True)


def test_failed_work_leaves_the_key_free(merchant: Merchant) -> None:
    with pytest.raises(ZeroDivisionError):
        send(merchant, lambda: 1 // 0)
    assert not IdempotencyKey.objects.exists()
    assert send(merchant, Work()) == Answer({"run": 1}, repeated=False)


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\t", "line\n", "nul\0", "é"])
def test_malformed_keys_are_refused(merchant: Merchant, key: str) -> None:
    work = Work()
    with pytest.raises(KeyMalformed):
        send(merchant, work, key=key)
    assert work.times == 0


def test_requests_at_the_same_time_are_done_once(committed_db: str) -> None:
    merchant = make_merchant()
    work, together = Work(), threading.Barrier(8)
    answers: list[Answer] = []

    def submit() -> None:
        try:
            together.wait(10)
            answers.append(send(merchant, work))
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert work.times == 1
    assert [answer.response for answer in answers] == [{"run": 1}] * 8
    assert [answer.repeated for answer in answers].count(False) == 1
