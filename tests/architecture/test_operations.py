"""Operations (functions that say who acts: ``by``) are called by name and say what their name does not."""

import ast
from pathlib import Path

from tests.architecture.source import ROOT, modules, write

LAYERS = ("billing", "disputes", "reports")


def careless(root: Path) -> list[str]:
    found = []
    for module in modules(root, *LAYERS):
        for node in module.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            named = {argument.arg for argument in node.args.kwonlyargs}
            ordered = {argument.arg for argument in [*node.args.posonlyargs, *node.args.args]}
            if "by" in named | ordered and ordered:
                found.append(f"{module.path}: {node.name}() takes {', '.join(sorted(ordered))} by position")
            if "by" in named | ordered and not ast.get_docstring(node):
                found.append(f"{module.path}: {node.name}() says nothing about its units, effects or errors")
    return found


def test_operations_are_called_by_name_and_described() -> None:
    assert careless(ROOT) == []


def test_a_careless_operation_is_found(tmp_path: Path) -> None:
    write(tmp_path, "billing/refunds/issue.py", "def issue_refund(payment, *, amount, by): ...\ndef _part(by): ...")
    assert len(careless(tmp_path)) == 2
