"""What a benchmark found out, and how it is told: one line of JSON."""

import json
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Goal:
    """One goal. ``ratio`` is value over baseline, or the value itself where the goal is absolute (no baseline).

    ``ratio`` None: it could not be measured, and ``why`` says why.
    """

    about: str
    bound: float
    ratio: float | None
    at_most: bool = False
    value: float | None = None
    baseline: float | None = None
    unit: str = ""
    why: str = ""

    @property
    def ok(self) -> bool:
        if self.ratio is None:
            return False
        return self.ratio <= self.bound if self.at_most else self.ratio >= self.bound

    def told(self) -> dict[str, Any]:
        words = {
            "about": self.about,
            "value": rounded(self.value),
            "baseline": rounded(self.baseline),
            "unit": self.unit,
            "ratio": rounded(self.ratio),
            "goal": f"{'<=' if self.at_most else '>='} {self.bound:g}",
            "ok": self.ok,
        }
        return {**words, "not_measured": self.why} if self.ratio is None else words


@dataclass(frozen=True)
class Report:
    """The first goal is the headline; ``ok`` wants all of them. ``more`` are figures without a goal."""

    name: str
    goals: list[Goal]
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(goal.ok for goal in self.goals)

    def line(self) -> str:
        first = self.goals[0]
        head = {
            "name": self.name,
            "value": rounded(first.value),
            "unit": first.unit,
            "baseline": rounded(first.baseline),
            "ratio": rounded(first.ratio),
            "goal": f"{'<=' if first.at_most else '>='} {first.bound:g}",
            "ok": self.ok,
            "goals": [goal.told() for goal in self.goals],
        }
        tail = {"at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), "machine": machine()}
        return json.dumps({**head, **self.more, **tail}, ensure_ascii=False)


def rounded(value: float | None) -> float | None:
    """Three figures that mean something, and no more than four decimals."""
    if value is None or value == 0:
        return value
    return round(value, 1) if abs(value) >= 100 else round(value, 2) if abs(value) >= 1 else round(value, 4)


def machine() -> str:
    """The processor's name and how many of its cores this process may use."""
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    names = [line for line in cpu_lines() if line.startswith("model name")]
    name = names[0].split(":", 1)[1].strip() if names else platform.processor()
    return f"{cores} cores of {name or 'an unnamed processor'}, Python {platform.python_version()}"


def cpu_lines() -> list[str]:
    source = Path("/proc/cpuinfo")
    return source.read_text().splitlines() if source.exists() else []
