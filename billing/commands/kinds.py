"""How each kind of command is sent, and how the processor is asked what came of it. Slices above register theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from billing.commands.models import MoneyCommand
from billing.providers.base import Access, Adapter, Answer

Send = Callable[[Adapter, Access, MoneyCommand], Answer]
Find = Callable[[Adapter, Access, MoneyCommand], Answer | None]
Named = Callable[[Adapter, Access, MoneyCommand, str], Answer | None]


class Misfit(StrEnum):
    """Why a command cannot have made an object of the processor's: what differs, that it is older, that another command
    made it, or of what makes no object that nothing came of it (HELD), or something else (OTHERWISE)."""

    CHARGE = "charge"
    AMOUNT = "amount"
    CURRENCY = "currency"
    TIME = "time"
    COMMAND = "command"
    HELD = "held"
    OTHERWISE = "otherwise"


class DoesNotFit(Exception):
    """The command did not make this object; ``misfit`` says why."""

    def __init__(self, misfit: Misfit) -> None:
        super().__init__(f"another {misfit}")
        self.misfit = misfit


class Overtaken(Exception):
    """The processor did something else with it meanwhile, so that this can never be carried out; the text says what."""


@dataclass(frozen=True, slots=True)
class Handling:
    """``send`` makes the call, with the command's key and its frozen parameters alone. ``find`` looks through all that
    the processor has for what the command made; None when there is nothing of it, Overtaken when there cannot be any
    more. ``named`` looks an object up by the processor's id, None when it has none, and raises DoesNotFit for one that
    the command cannot have made. They call outside of transactions and raise what the adapter raises."""

    send: Send
    find: Find
    named: Named


_handlings: dict[str, Handling] = {}


def command_kind(kind: str, handling: Handling) -> None:
    _handlings[kind] = handling


def handling_of(kind: str) -> Handling:
    """KeyError for a kind that no slice registered."""
    return _handlings[kind]
