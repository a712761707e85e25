"""What a test of trust answers: one JSON line."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

_SHOWN = 20


@dataclass
class Result:
    """`n` is how many things were looked at; `problems` holds a sentence for each that is wrong."""

    name: str
    seed: int
    full: bool
    n: int = 0
    problems: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def bad(self) -> int:
        # A test that looked at nothing proves nothing.
        return len(self.problems) or int(self.n == 0)

    @property
    def line(self) -> str:
        head = {"name": self.name, "n": self.n, "bad": self.bad, "seed": self.seed, "seconds": round(self.seconds, 1)}
        return json.dumps({**head, "full": self.full, **self.facts})

    @property
    def repeat(self) -> str:
        """The command that does the same again."""
        return f".venv/bin/python -m tests.trust {self.name}{' --full' if self.full else ''} --seed {self.seed}"

    def explain(self) -> str:
        lines = self.problems[:_SHOWN] or ["nothing was looked at"]
        if len(self.problems) > _SHOWN:
            lines.append(f"… and {len(self.problems) - _SHOWN} more")
        return "\n".join([*lines, f"again: {self.repeat}"])

    def show(self) -> None:
        if self.bad:
            print(self.explain(), file=sys.stderr)
        print(self.line, flush=True)
