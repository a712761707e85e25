"""A test says itself what must hold: a helper that looks is not seen by who reads the test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Module, functions, modules, write

# What fails by itself, beside `assert`: the last part of a call's name.
_EXPECTING = {"raises", "warns", "expect", "django_assert_num_queries", "django_assert_max_num_queries"}


def silent(root: Path) -> list[str]:
    return [
        f"{module.path}:{function.lineno} {function.name}"
        for module in modules(root, "tests")
        for function in functions(module)
        if _is_test(module, function.name) and not any(map(_asserts, _own(function)))
    ]


def _is_test(module: Module, name: str) -> bool:
    return name.startswith("test_") and module.path.rpartition("/")[2].startswith("test_")


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What is in the body, functions inside it left out: nobody knows whether they are called."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from _own(child)


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = node.func
        return (name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")) in _EXPECTING
    return isinstance(node, ast.Assert)


def test_every_test_asserts_in_its_own_body() -> None:
    assert silent(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "def test_it(shop):\n    check(shop)",
        "def test_it(client):\n    assertContains(client.get('/'), 'x')",
        "def test_it():\n    def inside():\n        assert 1\n    run(inside)",
        "class TestIt:\n    async def test_it(self):\n        await self.look()",
    ],
)
def test_a_test_that_leaves_it_to_others_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "tests/portal/test_page.py", text)
    assert len(silent(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def test_it():\n    for one in all():\n        assert one",
        "def test_it():\n    with pytest.raises(ValueError):\n        run()",
        "def test_it(page):\n    expect(page).to_have_title('x')",
        "def test_it(django_assert_num_queries):\n    with django_assert_num_queries(0):\n        run()",
        "def check():\n    run()",
    ],
)
def test_what_asserts_or_is_no_test_is_not_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "tests/portal/test_page.py", text)
    assert silent(tmp_path) == []
