"""Who wants to hear of our own events."""

from collections.abc import Callable, Sequence

from billing.outbox.models import OutboxEvent

Receive = Callable[[Sequence[OutboxEvent]], None]
_subscribers: dict[str, dict[str, Receive]] = {}


def subscriber(*types: str) -> Callable[[Receive], Receive]:
    """Register a function for events of these types; it gets them in batches and may get one twice after a crash."""

    def register(receive: Receive) -> Receive:
        name = f"{receive.__module__}.{receive.__name__}"
        for type_ in types:
            _subscribers.setdefault(type_, {})[name] = receive
        return receive

    return register


def of(type_: str) -> dict[str, Receive]:
    """The subscribers of one type, by name."""
    return _subscribers.get(type_, {})
