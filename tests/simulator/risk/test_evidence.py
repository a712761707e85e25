"""Evidence is staged or sent once; its fields, files and sizes are checked."""

from typing import Any

import pytest

from simulator.risk.evidence import ALL_TEXT, FILES, LONG, LONG_TEXTS, SHORT, SHORT_TEXTS
from tests.simulator.risk.charges import uploaded
from tests.simulator.risk.claims import answered, disputed, now
from tests.simulator.worlds import Answer, World


def sent(world: World, dispute: dict[str, Any], **params: Any) -> Answer:
    return world.post(f"/v1/disputes/{dispute['id']}", **params)


def test_a_draft_can_be_changed_until_it_is_submitted(world: World) -> None:
    dispute = disputed(world)
    draft = sent(world, dispute, submit=False, evidence={"customer_name": "Bo", "service_date": "1 May"})
    assert (draft["status"], draft["evidence_details"]["has_evidence"]) == ("needs_response", True)
    assert draft["evidence_details"]["submission_count"] == 0
    draft = sent(world, dispute, submit=False, evidence={"customer_name": ""})
    assert (draft["evidence"]["customer_name"], draft["evidence"]["service_date"]) == (None, "1 May")
    done = sent(world, dispute, submit=True)
    assert (done["status"], done["evidence_details"]["submission_method"]) == ("under_review", "manual")
    assert done["evidence"]["service_date"] == "1 May"


def test_what_touches_evidence_submits_all_of_it(world: World) -> None:
    dispute = disputed(world)
    sent(world, dispute, submit=False, evidence={"customer_name": "Bo"})
    assert sent(world, dispute, evidence={"service_date": "1 May"})["status"] == "under_review"


def test_evidence_is_accepted_once(world: World) -> None:
    dispute = disputed(world)
    first = answered(world, dispute)
    again = sent(world, dispute, evidence={"customer_name": "Bo"})
    assert (again.status, again.error["type"]) == (400, "invalid_request_error")
    assert sent(world, dispute, submit=True).status == 400
    assert sent(world, dispute, submit=False, evidence={"customer_name": "Bo"}).status == 400
    assert now(world, dispute) == first


def test_there_must_be_evidence_to_submit(world: World) -> None:
    assert sent(world, disputed(world), submit=True).error["param"] == "evidence"


def test_metadata_are_told_of_and_submit_nothing(world: World) -> None:
    dispute = disputed(world, case_type="inquiry")
    sent(world, dispute, submit=False, evidence={"customer_name": "Bo"})
    assert sent(world, dispute, metadata={"foo": "bar"})["status"] == "warning_needs_response"
    event = world.events()[-1]
    assert (event["type"], event["data"]["previous_attributes"]) == (
        "charge.dispute.updated",
        {"metadata": {"foo": None}},
    )


def test_there_are_27_fields(world: World) -> None:
    dispute = disputed(world)
    assert len({*LONG_TEXTS, *SHORT_TEXTS, *FILES}) == 27
    assert dispute["evidence"].keys() == {*LONG_TEXTS, *SHORT_TEXTS, *FILES, "appeal", "enhanced_evidence"}
    assert sent(world, dispute, evidence={"alibi": "x"}).error["code"] == "parameter_unknown"


@pytest.mark.parametrize(
    ("name", "most"), [*((name, LONG) for name in LONG_TEXTS), *((name, SHORT) for name in SHORT_TEXTS)]
)
def test_every_text_has_a_limit(world: World, name: str, most: int) -> None:
    dispute = disputed(world)
    refused = sent(world, dispute, evidence={name: "x" * (most + 1)})
    assert (refused.status, refused.error["param"]) == (400, f"evidence[{name}]")
    assert sent(world, dispute, submit=False, evidence={name: "x" * most}).status == 200


def test_all_texts_together_have_a_limit(world: World) -> None:
    dispute = disputed(world)
    full = dict.fromkeys(LONG_TEXTS[:7], "x" * LONG) | dict.fromkeys(SHORT_TEXTS[:2], "x" * SHORT)
    assert 7 * LONG + 2 * SHORT == ALL_TEXT
    assert sent(world, dispute, submit=False, evidence=full).status == 200
    assert sent(world, dispute, submit=False, evidence={"service_date": "x"}).error["param"] == "evidence"
    assert now(world, dispute)["evidence"]["service_date"] is None


def test_files_must_exist_for_disputes_and_be_small(world: World) -> None:
    dispute = disputed(world)
    uploaded(world, "file_logo", purpose="business_logo")
    uploaded(world, "file_csv", type="csv")
    for name in ("file_none", "file_logo", "file_csv"):
        refused = sent(world, dispute, evidence={"receipt": name})
        assert (refused.status, refused.error["param"]) == (400, "evidence[receipt]")
    assert sent(world, dispute, evidence={"receipt": "file_none"}).error["code"] == "resource_missing"
    good = uploaded(world, "file_good", size=4_000_000, type="png")
    uploaded(world, "file_more", size=500_001)
    assert sent(world, dispute, submit=False, evidence={"receipt": good}).status == 200
    assert sent(world, dispute, evidence={"refund_policy": "file_more"}).error["param"] == "evidence"
    shown = world.get(f"/v1/disputes/{dispute['id']}", expand=["evidence.receipt"])
    assert shown["evidence"]["receipt"]["size"] == 4_000_000


def test_an_appeal_belongs_to_its_stage(world: World) -> None:
    refused = sent(world, disputed(world), evidence={"appeal": {"card": {"reason_for_filing": "x"}}})
    assert refused.error["param"] == "evidence[appeal]"
