"""Nothing grows past what one can read at a glance."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import PRODUCT, ROOT, Module, files, functions, length, modules, write

MODULE, MODULE_MEDIAN = 400, 100
FUNCTION, FUNCTION_P90 = 60, 35
VIEW = 25
TEMPLATE = 150
_GUARDS = {"merchant_view", "staff_view", "person_view", "public_view"}


def too_long_modules(root: Path) -> list[str]:
    found = [
        f"{module.path}: {module.lines} lines"
        for module in modules(root, *PRODUCT, "tests", "benchmarks")
        if module.lines > MODULE
    ]
    for name, path in files(root):
        if name.startswith("static/") and path.suffix in (".js", ".css"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            found += [f"{name}: {lines} lines"] * (lines > MODULE)
    return found


def too_long_functions(root: Path) -> list[str]:
    return [
        f"{module.path}:{node.lineno} {node.name}: {length(node)} lines"
        for module in modules(root, *PRODUCT, "tests", "benchmarks")
        for node in functions(module)
        if length(node) > FUNCTION
    ]


def views(root: Path) -> Iterator[tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for module in modules(root, "portal"):
        for node in functions(module):
            if any(_called(decorator) in _GUARDS for decorator in node.decorator_list):
                yield module, node


def _called(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")


def too_long_views(root: Path) -> list[str]:
    return [
        f"{module.path}:{node.lineno} {node.name}: {length(node)} lines"
        for module, node in views(root)
        if length(node) > VIEW
    ]


def too_long_templates(root: Path) -> list[str]:
    found = []
    for name, path in files(root):
        if name.startswith("templates/"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            found += [f"{name}: {lines} lines"] * (lines > TEMPLATE)
    return found


def test_modules_are_short() -> None:
    assert too_long_modules(ROOT) == []


def test_most_modules_are_very_short() -> None:
    lengths = [module.lines for module in modules(ROOT, *PRODUCT) if module.lines]
    assert statistics.median(lengths) <= MODULE_MEDIAN


def test_functions_are_short() -> None:
    assert too_long_functions(ROOT) == []


def test_nine_of_ten_functions_are_very_short() -> None:
    lengths = [length(node) for module in modules(ROOT, *PRODUCT) for node in functions(module)]
    assert statistics.quantiles(lengths, n=10)[-1] <= FUNCTION_P90


def test_views_only_guard_load_call_and_answer() -> None:
    assert too_long_views(ROOT) == []


def test_templates_are_short() -> None:
    assert too_long_templates(ROOT) == []


def test_what_is_too_long_is_found(tmp_path: Path) -> None:
    body = "\n".join("    x = 1" for _ in range(VIEW))
    write(tmp_path, "portal/staff/views.py", f"@staff_view(P.X)\ndef page(request):\n{body}\n")
    write(tmp_path, "billing/long.py", "def f():\n" + "    x = 1\n" * FUNCTION + "\n" * MODULE)
    write(tmp_path, "templates/long.html", "<p>\n" * (TEMPLATE + 1))
    write(tmp_path, "static/js/long.js", "1;\n" * (MODULE + 1))
    assert too_long_views(tmp_path) == ["portal/staff/views.py:2 page: 26 lines"]
    assert too_long_functions(tmp_path) == ["billing/long.py:1 f: 61 lines"]
    assert too_long_modules(tmp_path) == ["billing/long.py: 461 lines", "static/js/long.js: 401 lines"]
    assert too_long_templates(tmp_path) == ["templates/long.html: 151 lines"]
