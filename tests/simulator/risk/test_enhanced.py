"""Visa's proof by earlier purchases, and compliance cases with their fee."""

from typing import Any

import pytest

from simulator.risk.moving import NETWORK_FEE, SOON
from simulator.store import Doc
from tests.simulator.risk.charges import change, paid
from tests.simulator.risk.claims import DAY, answered, bookings, caused, disputed, net, now
from tests.simulator.worlds import World

CE3 = "visa_compelling_evidence_3"
WHO = {"customer_purchase_ip": "192.0.2.7", "customer_account_id": "bo-1"}
DISPUTED = WHO | {"product_description": "Shoes", "merchandise_or_services": "merchandise"}


def customer(world: World) -> tuple[Doc, list[Doc]]:
    """A disputed purchase, and two of the same customer 200 days before."""
    name = world.post("/v1/customers")["id"]
    priors = [paid(world, customer=name), paid(world, customer=name)]
    world.advance(200 * DAY)
    return disputed(world, paid(world, customer=name), network_reason_code="10.4"), priors


def prior(charge: Doc, **fields: Any) -> dict[str, Any]:
    return WHO | {"charge": charge["id"], "product_description": "Socks"} | fields


def proof(world: World, dispute: Doc, first: Any, second: Any, submit: bool = False, **more: Any) -> Doc:
    evidence = {"disputed_transaction": DISPUTED | more, "prior_undisputed_transactions": [first, second]}
    given = {"enhanced_evidence": {CE3: evidence}}
    return world.post(f"/v1/disputes/{dispute['id']}", submit=submit, evidence=given)["evidence_details"][
        "enhanced_eligibility"
    ][CE3]


def test_two_earlier_purchases_of_the_same_customer_are_proof(world: World) -> None:
    dispute, priors = customer(world)
    assert dispute["enhanced_eligibility_types"] == [CE3]
    assert dispute["evidence_details"]["enhanced_eligibility"][CE3] == {
        "required_actions": [
            "missing_customer_identifiers",
            "missing_disputed_transaction_description",
            "missing_merchandise_or_services",
            "missing_prior_undisputed_transaction_description",
            "missing_prior_undisputed_transactions",
        ],
        "status": "requires_action",
    }
    state = proof(world, dispute, prior(priors[0]), prior(priors[1]), submit=True)
    assert state == {"required_actions": [], "status": "qualified"}
    world.advance(76 * DAY)
    assert now(world, dispute)["status"] == "won"


def test_each_missing_piece_is_named(world: World) -> None:
    dispute, (one, two) = customer(world)
    same = prior(one)
    for first, second, more, wanted in (
        (same, same, {}, "missing_prior_undisputed_transactions"),
        (same, prior(two, product_description=None), {}, "missing_prior_undisputed_transaction_description"),
        (same, prior(two, customer_purchase_ip="192.0.2.8"), {}, "missing_customer_identifiers"),
        (same, prior(two, customer_account_id="al-1"), {}, "missing_customer_identifiers"),
    ):
        assert proof(world, dispute, first, second, **more)["required_actions"] == [wanted]
    change(world, two, disputed=True)
    assert proof(world, dispute, same, prior(two))["required_actions"] == ["missing_prior_undisputed_transactions"]


def test_without_a_history_it_does_not_qualify(world: World) -> None:
    dispute = disputed(world, network_reason_code="10.4")
    assert dispute["evidence_details"]["enhanced_eligibility"][CE3]["status"] == "not_qualified"
    other = disputed(world, network_reason_code="10.5")
    assert (other["enhanced_eligibility_types"], other["evidence_details"]["enhanced_eligibility"]) == ([], {})


def test_a_test_card_needs_no_old_purchases(world: World) -> None:
    one, two, charge = paid(world), paid(world), paid(world)
    caused(world, "dispute.ce3_eligible", charge)
    [dispute] = world.get("/v1/disputes", charge=charge["id"])["data"]
    assert proof(world, dispute, prior(one), prior(two))["status"] == "qualified"


def test_identifiers_have_a_least_length_and_charges_exist(world: World) -> None:
    dispute, priors = customer(world)
    path = f"/v1/disputes/{dispute['id']}"
    for given, param in (
        ({"disputed_transaction": {"customer_device_id": "x" * 14}}, "[disputed_transaction][customer_device_id]"),
        (
            {"disputed_transaction": {"customer_device_fingerprint": "x" * 19}},
            "[disputed_transaction][customer_device_fingerprint]",
        ),
        (
            {"prior_undisputed_transactions": [prior(priors[0]) | {"charge": "ch_none"}]},
            "[prior_undisputed_transactions][0][charge]",
        ),
    ):
        refused = world.post(path, evidence={"enhanced_evidence": {CE3: given}})
        assert (refused.status, refused.error["param"]) == (400, f"evidence[enhanced_evidence][{CE3}]{param}")


def test_another_kind_of_evidence_is_refused(world: World) -> None:
    given = {"enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}}}
    refused = world.post(f"/v1/disputes/{disputed(world)['id']}", evidence=given)
    assert refused.error["param"] == "evidence[enhanced_evidence][visa_compliance]"


@pytest.mark.parametrize("network", ["visa", "mastercard"])
def test_contesting_a_compliance_case_costs_a_fee_that_the_winner_gets_back(world: World, network: str) -> None:
    name = f"{network}_compliance"
    effect = "dispute.compliance" if network == "visa" else "dispute.mastercard_compliance"
    charge = caused(world, effect, paid(world, card={"brand": network, "network": network}))
    [dispute] = world.get("/v1/disputes", charge=charge["id"])["data"]
    assert (dispute["reason"], dispute["payment_method_details"]["card"]["case_type"]) == ("noncompliant", "compliance")
    path = f"/v1/disputes/{dispute['id']}"
    refused = world.post(path, evidence={"uncategorized_text": "winning_evidence"})
    assert refused.error["param"] == f"evidence[enhanced_evidence][{name}][fee_acknowledged]"
    assert net(world) == -1500
    agreed = {"enhanced_evidence": {name: {"fee_acknowledged": True}}, "uncategorized_text": "winning_evidence"}
    shown = world.post(path, evidence=agreed)
    assert shown["evidence_details"]["enhanced_eligibility"] == {name: {"status": "fee_acknowledged"}}
    assert net(world) == -1500 - NETWORK_FEE
    world.advance(SOON)
    assert bookings(now(world, dispute)) == [(-10_000, 1500), (10_000, 0)]
    assert net(world) == 8500


def test_who_loses_a_compliance_case_pays_its_fee(world: World) -> None:
    charge = caused(world, "dispute.compliance")
    [dispute] = world.get("/v1/disputes", charge=charge["id"])["data"]
    agreed = {"enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}}}
    world.post(f"/v1/disputes/{dispute['id']}", submit=False, evidence=agreed)
    answered(world, dispute, "losing_evidence")
    world.advance(SOON)
    assert net(world) == -1500 - NETWORK_FEE
