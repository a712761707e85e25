"""Every act that is recorded in the audit trail has words for people."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from billing.approvals.models import Decision
from billing.commands.batch import TOGETHER
from billing.commands.models import CommandKind, CommandState
from billing.limits.models import ChangeState
from portal.web.audit.actions import ACTIONS
from tests.architecture.source import ROOT, Module, functions, modules, write

_ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
# Gets every action from others.
_RECORDER = "billing/audit/record.py"
# Of argparse and of limits, whose actions are other things.
_NOT_RECORDING = {"add_argument", "limit_of", "ask_for_limit"}
# Of commands, approvals and limits, which are named by the state that they come to: what stands in these places.
_SPELT_OUT = {
    **dict.fromkeys(["kind", "command.kind"], CommandKind.values),
    "batch.kind": [str(kind) for kind in TOGETHER],
    "state": sorted(set(CommandState.values) - {"requested", "sending", "unknown"}),
    "approval.decision": sorted(set(Decision.values) - {"pending"}),
    "change.state": sorted(set(ChangeState.values) - {"pending"}),
}


def recorded(root: Path) -> dict[str, str]:
    """Every action, and where it is recorded. What cannot be read is named by its source."""
    found: dict[str, str] = {}
    for module in modules(root, "billing", "disputes", "reports", "portal"):
        if "action" in module.text and not module.within(_RECORDER):
            for line, action in _recorded(module):
                found.setdefault(action, f"{module.path}:{line}")
    return found


def _recorded(module: Module) -> Iterator[tuple[int, str]]:
    named = dict(_positions(module))
    for scope in [module.tree, *functions(module)]:
        for call in (node for node in ast.walk(scope) if isinstance(node, ast.Call)):
            name = _name(call.func)
            given = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
            if name in named and len(call.args) > named[name]:
                given.append(call.args[named[name]])
            if name not in _NOT_RECORDING:
                for value in given:
                    yield from ((call.lineno, action) for action in _values(value, scope, module.tree))


def _positions(module: Module) -> Iterator[tuple[str, int]]:
    """Where functions of this module take an action."""
    for function in functions(module):
        names = [argument.arg for argument in function.args.args]
        if "action" in names:
            yield function.name, names.index("action")


def _values(value: ast.expr, *scopes: ast.AST) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        # Others name no act of the trail: those all have a dot.
        yield from _ACTION.findall(value.value)
    elif isinstance(value, ast.JoinedStr) and all(_parts(part) for part in value.values):
        yield from ("".join(words) for words in product(*(_parts(part) for part in value.values)))
    elif isinstance(value, ast.IfExp):
        yield from _values(value.body, *scopes)
        yield from _values(value.orelse, *scopes)
    elif isinstance(value, ast.Name):
        yield from _of_name(value.id, *scopes)
    else:
        yield ast.unparse(value)


def _parts(part: ast.expr) -> list[str]:
    """What a part of an f-string may be; nothing where that cannot be read."""
    if isinstance(part, ast.FormattedValue):
        return _SPELT_OUT.get(ast.unparse(part.value), [])
    return [str(part.value)] if isinstance(part, ast.Constant) else []


def _of_name(name: str, *scopes: ast.AST) -> Iterator[str]:
    for scope in scopes:
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and any(_name(target) == name for target in node.targets):
                yield from _values(node.value, *scopes)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def test_every_recorded_action_has_words() -> None:
    found = recorded(ROOT)
    assert {action: place for action, place in found.items() if action not in ACTIONS} == {}


def test_every_action_with_words_is_recorded() -> None:
    assert ACTIONS.keys() - recorded(ROOT).keys() == set()


@pytest.mark.parametrize(
    "text",
    [
        'record(merchant_id=1, action="thing.done")',
        'ACTION = "thing.done"\nrecord(action=ACTION)',
        'def do():\n    action = "thing.done" if now else "person.locked"\n    record(action=action)',
        'def _tell(by, action):\n    record(actor=by, action=action)\n\n_tell(me, "thing.done")',
        'def _tell(by, action):\n    record(actor=by, action=action)\n\n_tell(me, action="thing.done")',
        'note(connection=row, action="thing.done")',
    ],
)
def test_an_action_without_words_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "billing/things/do.py", text)
    assert "thing.done" in recorded(tmp_path).keys() - ACTIONS.keys()


def test_an_action_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    write(tmp_path, "billing/things/do.py", 'record(action=f"thing.{what}")')
    assert recorded(tmp_path).keys() - ACTIONS.keys() == {"f'thing.{what}'"}
