"""How each kind of command is sent, and how the processor is asked what came of it. Slices above register theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.commands.models import MoneyCommand
from billing.providers.base import Access, Adapter, Answer

Send = Callable[[Adapter, Access, MoneyCommand], Answer]
Find = Callable[[Adapter, Access, MoneyCommand], Answer | None]


class Overtaken(Exception):
    """The processor did something else with it meanwhile, so that this can never be carried out; the text says what."""


@dataclass(frozen=True, slots=True)
class Handling:
    """``send`` makes the call, with the command's key and its frozen parameters alone. ``find`` looks through all that
    the processor has for what the command made; None when there is nothing of it, Overtaken when there cannot be any
    more. Both call outside of transactions and raise what the adapter raises."""

    send: Send
    find: Find


_handlings: dict[str, Handling] = {}


def command_kind(kind: str, handling: Handling) -> None:
    _handlings[kind] = handling


def handling_of(kind: str) -> Handling:
    """KeyError for a kind that no slice registered."""
    return _handlings[kind]
