"""Runs the scripts of Stripe's command line: requests, each list named after the event that it must cause.

Strict: a step that should fail must fail with that type of error, and a reference to an answer must find its value.
"""

import json
import os
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.simulator.worlds import flat

corpora = os.environ.get("COUNTERFOIL_CORPORA", "")
_HOLE = re.compile(r"\$\{([^}]+)\}")


class StepFailed(Exception):
    """``path`` is that of the request, as far as the script spells it out."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class Script(NamedTuple):
    name: str
    events: list[str]
    steps: list[dict[str, Any]]


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]


def scripts() -> dict[str, Script]:
    """By name; nothing where there are no corpora."""
    if not corpora:
        return {}
    found = {}
    for path in sorted((Path(corpora) / "stripe-cli-triggers" / "triggers").glob("*.json")):
        doc = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = Script(path.stem, [path.stem, *doc["_meta"].get("aliases", [])], doc["fixtures"])
    return found


@dataclass
class Runner:
    """``tolerant``: the errors that a step allows may come, and what refers to them is left out."""

    url: str
    key: str
    tolerant: bool = False

    def run(self, script: Script) -> None:
        """Every step in turn. Raises StepFailed."""
        answers: dict[str, dict[str, Any]] = {}
        for step in script.steps:
            answer = self.request(step, answers)
            self._judge(step, answer)
            answers[step["name"]] = answer.body

    def request(self, step: dict[str, Any], answers: dict[str, dict[str, Any]]) -> Answer:
        fill = Filler(step["path"], answers)
        method, params = step["method"].upper(), fill(step.get("params") or {})
        headers = {"Authorization": f"Bearer {self.key}"} | fill(step.get("headers") or {})
        path, body = fill(step["path"]), None
        if "json" in headers.get("Content-Type", ""):
            body = json.dumps(params)
        elif method == "POST":
            body = urlencode(list(flat(params)))
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif params:
            path += "?" + urlencode(list(flat(params)))
        # Whatever address the script names is this machine.
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))
        finally:
            connection.close()

    def _judge(self, step: dict[str, Any], answer: Answer) -> None:
        wanted = step.get("expected_error_type")
        # Report runs have a field of that name, too.
        found = answer.body["error"]["type"] if answer.status >= 400 else None
        if answer.status >= 500:
            raise StepFailed(step["path"], f"answered {answer.status}")
        if found != wanted and not (self.tolerant and found is None):
            raise StepFailed(step["path"], f"expected {wanted or 'success'}, got {json.dumps(answer.body)[:300]}")


class Filler(NamedTuple):
    """Puts values of earlier answers where `${step:a.0.b}` stands, and what the two generators make."""

    path: str
    answers: dict[str, dict[str, Any]]

    def __call__(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self(item) for item in value]
        return _HOLE.sub(lambda hole: self._value(hole[1]), value) if isinstance(value, str) else value

    def _value(self, reference: str) -> str:
        if reference == "generate-uuid":
            return str(uuid.uuid4())
        if reference == "time-now-RFC3339":
            return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        step, _, way = reference.partition(":")
        found: Any = self.answers.get(step)
        for name in way.split("."):
            found = found[int(name)] if isinstance(found, list) and int(name) < len(found) else _of(found, name)
        if not isinstance(found, str | int):
            raise StepFailed(self.path, f"nothing is at {reference}")
        return str(found)


def _of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
