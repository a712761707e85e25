"""What the customer's bank has in mind, which no answer of the API shows."""

from dataclasses import asdict, dataclass

from simulator.call import Call


@dataclass(slots=True)
class Plan:
    """``outcomes``: the statuses that the bank will decide on, in turn; without them it is drawn."""

    outcomes: list[str]
    # Any two purchases count as evidence, of whatever age and card: all of a test card's own are disputed.
    any_history: bool = False


def keep(call: Call, dispute: str, plan: Plan) -> None:
    call.store.set_meta(_name(call, dispute), asdict(plan))


def plan_of(call: Call, dispute: str) -> Plan:
    return Plan(**call.store.meta(_name(call, dispute)))


def next_outcome(call: Call, dispute: str, possible: tuple[str, ...]) -> str | None:
    """Take the first planned outcome, if it is possible now."""
    plan = plan_of(call, dispute)
    if not plan.outcomes or plan.outcomes[0] not in possible:
        return None
    outcome = plan.outcomes.pop(0)
    keep(call, dispute, plan)
    return outcome


def _name(call: Call, dispute: str) -> str:
    return f"plan {call.account} {dispute}"
