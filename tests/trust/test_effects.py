"""What is held against commands is what the processor's journal says."""

from dataclasses import replace
from typing import Any

import pytest

from tests.trust.effects import Batch, Command, Effect, effects_of, wrong, wrong_together

CAPTURED = Effect("capture", "pi_1", 700)
COMMAND = Command("cap_1", "key-1", "capture", "succeeded", "done", "", 700, "pi_1", "", 3.0)
INTENT = {"object": "payment_intent", "act": "updated", "id": "pi_1", "amount": 2_000, "amount_received": 700}
REFUND = {"object": "refund", "act": "created", "id": "re_1", "amount": 1_300}


def line(path: str, *effect: dict[str, Any], method: str = "POST", **more: Any) -> dict[str, Any]:
    return {"method": method, "path": path, "idempotency_key": None, "params": {}, "effect": effect, **more}


def test_a_refund_is_told_by_what_it_carries():
    given = line("/v1/refunds", REFUND, params={"metadata": {"counterfoil_command": "key-1"}}, idempotency_key="other")
    assert list(effects_of(given)) == [("key-1", Effect("refund", "re_1", 1_300))]


def test_a_capture_is_told_by_its_key_and_what_it_releases_is_no_refund():
    path, taken = "/v1/payment_intents/pi_1/capture", {**INTENT, "status": "succeeded"}
    assert list(effects_of(line(path, taken, REFUND, taken, idempotency_key="key-1"))) == [("key-1", CAPTURED)]


def test_a_cancellation_is_of_all_that_was_held():
    path, let_go = "/v1/payment_intents/pi_1/cancel", {**INTENT, "status": "canceled"}
    assert list(effects_of(line(path, let_go))) == [("", Effect("cancel", "pi_1", 2_000))]


def test_an_authorisation_that_expires_is_cancelled_by_nobody():
    expired = line("payment_intent.expires", {**INTENT, "status": "canceled"}, method="TIMER")
    assert list(effects_of(expired)) == [("", Effect("cancel", "pi_1", 2_000))]


def test_a_payment_that_was_captured_at_once_is_no_capture():
    assert list(effects_of(line("/v1/payment_intents", {**INTENT, "status": "succeeded"}))) == []


@pytest.mark.parametrize(("effects", "others"), [([CAPTURED], []), ([], [CAPTURED])], ids=["own", "somebody else's"])
def test_what_was_done_once_is_right(effects, others):
    assert list(wrong(COMMAND, effects, others)) == []


@pytest.mark.parametrize(
    ("effects", "others"),
    [
        ([], []),
        ([CAPTURED, CAPTURED], []),
        ([replace(CAPTURED, amount=701)], []),
        ([replace(CAPTURED, external_id="pi_2")], []),
        ([replace(CAPTURED, kind="cancel")], []),
        ([], [replace(CAPTURED, amount=701)]),
    ],
)
def test_what_was_done_otherwise_is_found(effects, others):
    assert len(list(wrong(COMMAND, effects, others))) == 1


def test_what_failed_and_was_done_is_found():
    failed = replace(COMMAND, command_state="failed")
    assert list(wrong(failed, [], [CAPTURED])) == []
    assert list(wrong(failed, [CAPTURED], [])) == ["had 1 effects"]


def test_a_refund_is_nobody_elses():
    asked = replace(COMMAND, kind="refund")
    assert list(wrong(asked, [], [replace(CAPTURED, kind="refund")])) == ["had 0 effects"]


@pytest.mark.parametrize(
    ("decision", "states"),
    [
        ("approved", ["failed", "succeeded"]),
        ("approved", ["cancelled"]),
        ("rejected", ["rejected"]),
        ("withdrawn", ["cancelled"]),
        ("expired", ["expired"]),
    ],
)
def test_a_batch_ends_as_was_decided(decision, states):
    assert list(wrong_together(Batch("bat_1", decision, states, is_whole=True))) == []


@pytest.mark.parametrize(
    ("decision", "states"),
    [
        ("approved", ["rejected", "succeeded"]),
        ("rejected", ["rejected", "succeeded"]),
        ("withdrawn", ["succeeded"]),
        ("pending", ["requested"]),
    ],
)
def test_a_batch_of_which_only_some_ended_so_is_found(decision, states):
    assert len(list(wrong_together(Batch("bat_1", decision, states, is_whole=True)))) == 1


def test_a_batch_that_is_not_what_it_says_is_found():
    assert list(wrong_together(Batch("bat_1", "rejected", ["rejected"], is_whole=False))) != []
