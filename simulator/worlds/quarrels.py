"""Disputes: why, how the merchant answers, and how the bank decides."""

from datetime import UTC, datetime
from typing import Any

from simulator.call import Call
from simulator.protocol.errors import StripeError
from simulator.resources import files
from simulator.risk.opening import Claim, open_dispute
from simulator.store import Doc
from simulator.worlds.draws import Weights, between, parsed
from simulator.worlds.world import Sale, World

DAY = 24 * 3600
_REASONS = Weights(
    parsed(
        "fraudulent 52, product_not_received 18, duplicate 7, unrecognized 6, product_unacceptable 6, "
        "credit_not_processed 5, subscription_canceled 3, general 3"
    )
)
_CASES = Weights(parsed("chargeback 82, inquiry 18"))
_ANSWERS = Weights(parsed("evidence 58, accept 17, nothing 20, late 5"))
# What banks decide, in turn, where they do not leave it to the draw of the simulator.
_DECISIONS: dict[str, Weights[tuple[str, ...]]] = {
    "chargeback": Weights({(): 70, ("won",): 12, ("lost",): 12, ("lost", "won"): 6}),
    "inquiry": Weights({("warning_closed",): 55, (): 15, ("needs_response",): 20, ("needs_response", "lost"): 10}),
}
_PAPER = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def patience(world: World) -> int:
    """How long customers wait before they go to their bank."""
    return between(world.chance, "disputes.wait", 4 * DAY, 55 * DAY)


def dispute(world: World, sale: Sale, reason: str | None = None) -> None:
    charge = world.find("charge", sale.charge)
    if charge is None or charge["disputed"] or charge["refunded"]:
        return
    case = _CASES.pick(world.chance, "disputes.case")
    claim = Claim(
        reason=reason or _REASONS.pick(world.chance, "disputes.reason"),
        case_type=case,
        outcomes=list(_DECISIONS[case].pick(world.chance, "disputes.decision")),
    )
    try:
        doc = world.act(
            "/disputes",
            lambda call: open_dispute(call, call.get("charge", sale.charge), claim),
            charge=sale.charge,
            reason=claim.reason,
            case_type=case,
        )
    except StripeError:
        return
    answer = _ANSWERS.pick(world.chance, "disputes.answer")
    if answer == "late":
        world.plan(doc["evidence_details"]["due_by"] + 600, _answer, doc["id"], sale, "evidence")
    elif answer != "nothing":
        world.later(between(world.chance, "disputes.work", DAY // 4, 6 * DAY), _answer, doc["id"], sale, answer)


def _answer(world: World, name: str, sale: Sale, how: str) -> None:
    found = world.find("dispute", name)
    if found is None or not found["status"].endswith("needs_response"):
        return
    if how == "accept":
        world.attempt("POST", f"/v1/disputes/{name}/close")
        return
    evidence = _evidence(world, found, sale)
    # First a draft, then the answer: whoever works on it saves it meanwhile.
    world.attempt("POST", f"/v1/disputes/{name}", evidence=evidence, submit=False)
    if world.attempt("POST", f"/v1/disputes/{name}", submit=True) and found["status"].startswith("warning"):
        world.later(30 * DAY, _answer, name, sale, "evidence")


def _evidence(world: World, dispute: Doc, sale: Sale) -> dict[str, Any]:
    person, day = sale.person, datetime.fromtimestamp(sale.at + DAY, UTC).date().isoformat()
    given: dict[str, Any] = {
        "customer_name": person.name,
        "customer_email_address": person.mails[0],
        "customer_purchase_ip": f"203.0.113.{1 + world.chance.below('disputes.ip', 250)}",
        "product_description": f"{world.profile.title}: order {sale.reference}",
        "receipt": _paper(world, f"receipt-{sale.reference}.pdf"),
    }
    if dispute["reason"] == "product_not_received":
        parcel = f"1Z{world.chance.below('disputes.parcel', 10**10):010}"
        given |= {"shipping_date": day, "shipping_carrier": "DHL", "shipping_tracking_number": parcel}
        given["shipping_documentation"] = _paper(world, f"parcel-{parcel}.pdf")
    elif dispute["reason"] == "duplicate":
        given["duplicate_charge_explanation"] = "Two orders on the same day, both delivered."
    else:
        given["uncategorized_text"] = f"The customer ordered {sale.reference} and it was delivered."
    return given


def _paper(world: World, filename: str) -> str:
    """The id of an uploaded file."""

    def upload(call: Call) -> Doc:
        doc = files.keep(call, _PAPER, filename=filename, kind="pdf", purpose="dispute_evidence")
        call.emit("file.created", doc)
        return doc

    return str(world.act("/v1/files", upload, filename=filename)["id"])
