"""A clock for parts that take theirs as a parameter."""


class Moments:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += seconds
