"""Runs the tests of a module once for each mistake in it, in a copy of this process that ends with them."""

import importlib
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from tests.mutation.operators import mutants

ROOT = Path(__file__).resolve().parent.parent.parent
_COMMAND = "tests/portal/management/commands/test_verify_audit.py"
TARGETS = {
    "billing/audit/verify.py": ("tests/billing/audit/test_verify.py", "tests/billing/audit/test_check.py"),
    "billing/audit/heads.py": ("tests/billing/audit/test_heads.py", _COMMAND),
    "billing/audit/digest.py": ("tests/billing/audit/test_digest.py", "tests/billing/audit/test_verify.py"),
    "billing/ledger/verify.py": ("tests/billing/ledger/test_verify.py", "tests/billing/ledger/test_snapshot.py"),
    "billing/payouts/verify.py": ("tests/billing/payouts/test_book.py",),
}
# What stands in mistakes that nobody could see, and why.
EQUIVALENT = {
    "with path.open('a') as file": "nothing but ASCII is ever written",
    "lines = path.read_text(errors=": "what is not ASCII was not signed",
    "derive = HKDF(algorithm=SHA256(), length=32, info=": "no salt is the default",
    "->  return json.dumps(value, sort_keys=True, separators=(',', ':'), allow_nan=False)": "ASCII is the default",
    "_ROWS = 1001": "how many are read at a time",
}
# Seconds. Tests that do not end have noticed.
LONGEST = 180


class Planting:
    """A plugin of pytest that runs tests in its own way. ``done`` names the modules that were gone through."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.done: list[str] = []
        self.bad = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for name in self.names:
            self._go_through(name, [item for item in session.items if item.nodeid.startswith(TARGETS[name])])
        return True

    def _go_through(self, name: str, tests: list[pytest.Item]) -> None:
        source, started = (ROOT / name).read_text(encoding="utf-8"), time.monotonic()
        module = importlib.import_module(name.removesuffix(".py").replace("/", "."))
        if not tests or not passes(tests, module, source):
            print(f"{name}: its tests fail without any mistake", file=sys.stderr, flush=True)
            return
        planted = [mutant for mutant in mutants(source) if not any(each in mutant.what for each in EQUIVALENT)]
        let_pass = 0
        for mutant in planted:
            if passes(tests, module, mutant.text):
                let_pass += 1
                print(f"{name}: {mutant.what}", file=sys.stderr, flush=True)
        told = {"name": name, "n": len(planted), "bad": let_pass, "seconds": round(time.monotonic() - started)}
        print(json.dumps(told), flush=True)
        self.bad += let_pass or not planted
        self.done.append(name)


def passes(tests: list[pytest.Item], module: ModuleType, text: str) -> bool:
    """Whether these tests pass, up to the first that does not, once the module's source is that text."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    try:
        signal.alarm(LONGEST)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        transplant(module, text)
        code = int(not _run(tests))
    except BaseException:  # noqa: BLE001 - a module that cannot even be loaded is noticed, too
        code = 1
    os._exit(code)


def _run(tests: list[pytest.Item]) -> bool:
    failures: list[str] = []

    class Watch:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failures.append(report.nodeid)

    plugins = tests[0].config.pluginmanager
    plugins.register(Watch())
    plugins.unregister(name="terminalreporter")
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        test.ihook.pytest_runtest_protocol(item=test, nextitem=None if failures else following)
        if failures:
            return False
    return True


def transplant(module: ModuleType, text: str) -> None:
    """Gives functions, methods and constants of a loaded module what this source says; who holds one holds it still."""
    other: dict[str, Any] = {**vars(module)}
    exec(compile(text, module.__file__ or "", "exec"), other)
    for name, new in other.items():
        old = getattr(module, name, None)
        if inspect.isfunction(old) and old.__module__ == module.__name__:
            _replace(old, new)
        elif inspect.isclass(old) and old.__module__ == module.__name__:
            for part, of_new in vars(new).items():
                _replace(vars(old).get(part), of_new)
        elif not name.startswith("__") and isinstance(new, str | int | tuple) and new != old:
            setattr(module, name, new)


def _replace(old: Any, new: Any) -> None:
    if isinstance(old, property):
        old, new = old.fget, new.fget
    old, new = inspect.unwrap(old), inspect.unwrap(new)
    if isinstance(old, FunctionType) and isinstance(new, FunctionType) and not old.__code__.co_freevars:
        old.__code__ = new.__code__
        old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
