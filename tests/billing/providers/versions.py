"""What objects of older API versions do not say, found in events and examples that others wrote.

Run as a module it prints the tables of docs/versions.md; COUNTERFOIL_CORPORA names the folder of third-party data.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.events import NeutralEvent
from billing.providers.stripe.objects import read, translate
from tests.billing.providers.stripe_objects import COMPLETE

corpora = os.environ.get("COUNTERFOIL_CORPORA", "")
FOLDERS = ("stripe-sync-engine-events", "stripe-ruby-mock-events")
# The examples of all resources: when they were published -> their API version.
EXAMPLES = {"2023-09": "2023-08-16", "2026-08": "2026-08"}
NEWEST = "2026-08"
NO_VERSION = "none (2013)"
_COMPLETE = COMPLETE | {"transfer": COMPLETE["payout"]}
# Worked out by us, or the caller's own.
_OURS = {"rank", "final", "known", "failed", "metadata", "evidence"}

Source = dict[str, Any]


@dataclass
class Told:
    """An object, where it stands, and the neutral words for it or why there are none."""

    where: str
    version: str
    source: Source
    seen: NeutralEvent | None
    refusal: str


def events() -> Iterator[tuple[str, Source]]:
    for folder in FOLDERS:
        for file in sorted(Path(corpora, folder, "events").glob("*.json")):
            yield f"{folder}/{file.stem}", json.loads(file.read_text())


def told_by_events() -> list[Told]:
    return [
        _told(where, event.get("api_version") or NO_VERSION, event["data"]["object"], translate, event)
        for where, event in events()
    ]


def told_by_examples() -> list[Told]:
    return [
        _told(f"{date}/{name}", version, source, read, source)
        for date, version in EXAMPLES.items()
        for name, source in json.loads(Path(corpora, f"stripe-openapi/fixtures3-{date}.json").read_text())[
            "resources"
        ].items()
    ]


def _told(where: str, version: str, source: Source, reader: Any, given: Source) -> Told:
    try:
        return Told(where, version, source, reader(given), "")
    except UnreadableObject as refusal:
        return Told(where, version, source, None, str(refusal))


def unsaid(told: list[Told]) -> dict[str, dict[str, set[str]]]:
    """Object -> version -> the neutral fields that are empty in all of its objects because a part is missing there.

    A part is missing where the complete object of today, put in for it, fills the field: a field that is there and
    empty (null) is no sign of the version.
    """
    found: dict[str, dict[str, set[str]]] = {}
    for item in told:
        name = item.source.get("object", "")
        if item.seen is None or name not in _COMPLETE or item.source.get("deleted"):
            continue
        filled = read(_fill(item.source, _COMPLETE[name]))
        missing = _empty(item.seen) - _empty(filled)
        versions = found.setdefault(name, {})
        versions[item.version] = versions.get(item.version, missing) & missing
    return found


def _fill(source: Source, complete: Source) -> Source:
    """The object with what it lacks, and nothing else, taken from the complete one."""
    filled = {**complete, **source}
    for name, value in source.items():
        if isinstance(value, dict) and isinstance(complete.get(name), dict) and name not in _OURS:
            filled[name] = _fill(value, complete[name])
    return filled


def _empty(value: Any, start: str = "") -> set[str]:
    names = set()
    for field in fields(value):
        part = getattr(value, field.name)
        if is_dataclass(part):
            names |= _empty(part, f"{field.name}.")
        elif not part and field.name not in _OURS:
            names.add(start + field.name)
    return names


def table(told: list[Told]) -> str:
    """A star marks a field that the newest example leaves out as well."""
    lines = ["| object | version | fields that came out empty |", "|---|---|---|"]
    for name, versions in sorted(unsaid(told).items()):
        optional = versions.get(NEWEST, set())
        for version, names in sorted(versions.items(), key=lambda pair: (pair[0] != NO_VERSION, pair[0])):
            words = ", ".join(f"`{word}`{' *' * (word in optional)}" for word in sorted(names)) or "none"
            lines.append(f"| `{name}` | {version} | {words} |")
    return "\n".join(lines)


def unreadable(told: list[Told]) -> str:
    lines = ["| event or example | why |", "|---|---|"]
    lines += [f"| `{item.where}` | {item.refusal} |" for item in told if item.refusal]
    return "\n".join(lines)


if __name__ == "__main__":
    everything = [*told_by_events(), *told_by_examples()]
    print(table(everything), unreadable(everything), sep="\n\n")
