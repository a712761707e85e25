"""The project's own files, as the rules of this folder read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("billing", "disputes", "reports", "portal", "simulator")
# What installing, running and testing leave in the project's folder.
_NOT_OURS = {".git", ".venv", ".data", ".hypothesis", "staticfiles", "htmlcov", "__pycache__", "vendor"}
_HIDDEN_AND_OURS = {".ci", ".github"}


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file. ``path`` is relative to the tree's root, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def within(self, *places: str) -> bool:
        """Whether this is one of the files, or lies in one of the folders, that are named."""
        return any(self.path == place or self.path.startswith(f"{place.rstrip('/')}/") for place in places)


def files(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file of ours with its relative path, caches and foreign code left out."""
    for path in sorted(root.iterdir()):
        if path.name in _NOT_OURS or (path.is_dir() and path.name[0] == "." and path.name not in _HIDDEN_AND_OURS):
            continue
        if path.is_dir():
            yield from ((f"{path.name}/{name}", file) for name, file in files(path))
        else:
            yield path.name, path


def modules(root: Path, *places: str) -> list[Module]:
    """The Python files of these folders without migrations, which Django writes."""
    result = []
    for name, path in files(root):
        if path.suffix == ".py" and name.split("/")[0] in places and "/migrations/" not in name:
            text = path.read_text(encoding="utf-8")
            result.append(Module(name, text, ast.parse(text, filename=name)))
    return result


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions, methods and nested ones included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.AST) -> int:
    """Lines from ``def`` to the last one, decorators not counted."""
    return (node.end_lineno or 0) - node.lineno + 1  # type: ignore[attr-defined]


def write(root: Path, name: str, text: str) -> Path:
    """Put a file into a synthetic tree, for the samples that each rule must find."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
