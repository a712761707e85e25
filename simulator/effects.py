"""What a successful charge brings about beside itself: the dispute, warning or review that its test card stands for.

The resources that make these register how; payments know only the names.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.call import Call
    from simulator.store import Doc

Effect = Callable[..., None]
_EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register what happens to a charge (already stored) on the account of the call."""

    def register(happen: Effect) -> Effect:
        if name in _EFFECTS:
            raise LookupError(f"the effect {name} is registered twice")
        _EFFECTS[name] = happen
        return happen

    return register


def happen(call: "Call", name: str, charge: "Doc", **details: Any) -> None:
    """Let it happen now. Raises LookupError for an effect that nobody registered."""
    if name not in _EFFECTS:
        raise LookupError(f"nobody registered the effect {name}")
    _EFFECTS[name](call, charge, **details)
