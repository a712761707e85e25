"""A failure that says nothing about the work itself."""


class Interrupted(Exception):
    """What the work needs is away for now: the row waits and uses up no attempt. Knows no database, so that adapters
    of processors can raise it. ``pause`` is how many seconds to wait at least, None for the queue's own."""

    def __init__(self, message: str, *, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause
