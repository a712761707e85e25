"""Who did something, as the audit trail remembers it after the person or the token is gone."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "staff", "system", "command"]


@dataclass(frozen=True, slots=True)
class Actor:
    """``id`` and ``label`` as they are at the time of the act; ``on_behalf_of`` names whose place was taken."""

    kind: ActorKind
    id: str
    label: str
    request_id: str = ""
    address: str = ""
    on_behalf_of: str = ""


SYSTEM = Actor("system", "system", "Counterfoil")


def command(name: str) -> Actor:
    """Whoever typed a management command: the machine's account is all that is known."""
    return Actor("command", name, f"manage.py {name}")
