"""What one resource does when an event tells of another: an invoice is paid because its payment intent succeeded."""

from collections import defaultdict
from collections.abc import Callable

# (call, object of the event); runs inside the transaction of the event.
Follower = Callable[..., None]
FOLLOWERS: dict[str, list[Follower]] = defaultdict(list)


def follow(*types: str) -> Callable[[Follower], Follower]:
    """Register what happens after each event of these types, in the order of registration."""

    def register(follower: Follower) -> Follower:
        for type_ in types:
            FOLLOWERS[type_].append(follower)
        return follower

    return register
