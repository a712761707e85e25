"""A process with Django in the installation under test, for what tests ask of the product from inside.

The tests themselves look at it from outside: through HTTP and SQL of their own.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.embedded.programs import ROOT
from portal.embedded.spawn import die_with_parent

SIGKILL = 9


class ActorFailed(Exception):
    """What it was asked for raised; the text is the traceback."""


class Actor:
    """Our end of the pipe. One request at a time."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.trust.acts"],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                preexec_fn=die_with_parent(SIGKILL),  # noqa: PLW1509 - it only sets a flag
            )

    def ask(self, act: str, **arguments: Any) -> Any:
        """The answer of a function of tests.trust.acts. Raises ActorFailed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"act": act, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise ActorFailed(f"the process ended with code {self.process.wait()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise ActorFailed(answer["failed"])
        return answer["answer"]

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
