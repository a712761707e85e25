"""`python -m tests.mutation [NAME …]`: plants each small mistake in a module that verifies and runs its tests.

Works in a copy of the project. Prints one JSON line for each module; ends with 1 when the tests let a mistake pass.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import servers
from tests.mutation.operators import mutants

ROOT = Path(__file__).resolve().parent.parent.parent
_COMMAND = "tests/portal/management/commands/test_verify_audit.py"
TARGETS = {
    "billing/audit/verify.py": ("tests/billing/audit/test_verify.py", _COMMAND),
    "billing/audit/heads.py": ("tests/billing/audit/test_heads.py", _COMMAND),
    "billing/audit/digest.py": ("tests/billing/audit/test_record.py", "tests/billing/audit/test_verify.py"),
    "billing/ledger/verify.py": ("tests/billing/ledger", "tests/billing/payouts"),
    "billing/payouts/verify.py": ("tests/billing/payouts",),
}
# Mistakes that change nothing anybody could see, and why.
EQUIVALENT: dict[str, str] = {}
LONGEST = 180


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*TARGETS, []], help="which modules; all without a name")
    names = parser.parse_args().names or list(TARGETS)
    servers.provide()
    with tempfile.TemporaryDirectory(prefix="counterfoil-mutants-") as place:
        copy = Path(place) / "project"
        copy_project(copy)
        # All of them, whatever becomes of the first.
        passed = [survive(name, copy) for name in names]
        return int(not all(passed))


def copy_project(copy: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)


def survive(name: str, copy: Path) -> bool:
    """Whether the tests of this module notice each of its mutants."""
    source, started = (ROOT / name).read_text(encoding="utf-8"), time.monotonic()
    if not passes(copy, TARGETS[name]):
        raise SystemExit(f"The tests of {name} fail without any mistake.")
    let_pass, n, equivalent = [], 0, 0
    for mutant in mutants(source):
        if mutant.what in EQUIVALENT:
            equivalent += 1
            continue
        n += 1
        (copy / name).write_text(mutant.text, encoding="utf-8")
        if passes(copy, TARGETS[name]):
            let_pass.append(mutant.what)
            print(f"{name}: {mutant.what}", file=sys.stderr, flush=True)
    (copy / name).write_text(source, encoding="utf-8")
    seconds = round(time.monotonic() - started)
    told = {"name": name, "n": n, "bad": len(let_pass), "equivalent": equivalent, "seconds": seconds}
    print(json.dumps(told), flush=True)
    return not let_pass and n > 0


def passes(copy: Path, tests: tuple[str, ...]) -> bool:
    """Whether these tests pass in the copy; a test that does not end does not."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "--no-header", *tests]
    try:
        done = subprocess.run(command, cwd=copy, env=os.environ, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
