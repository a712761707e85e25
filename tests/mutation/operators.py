"""Small mistakes, each planted alone: the text of a module with one of them in it."""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Change = Callable[[Any], object]
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_CALLED = {"max": "min", "min": "max", "any": "all", "all": "any", "sorted": "list"}
# Words of SQL whose absence or opposite changes an answer.
_SQL = (
    *((r"<>", "="), (r"NOT EXISTS", "EXISTS"), (r"LEFT JOIN", "JOIN"), (r"\bAND\b", "OR"), (r"\bmax\(", "min(")),
    *((r"HAVING (.*?) (?=ORDER BY)", r""), (r"WHERE (?=NOT EXISTS)", "WHERE false AND "), (r"LIMIT 1", "LIMIT 0")),
)


@dataclass(frozen=True)
class Mutant:
    """``what`` is the changed line before and after, with its number."""

    what: str
    text: str


def mutants(source: str) -> Iterator[Mutant]:
    """Each in the source as ``ast`` writes it, so that nothing but the mistake differs from the next one."""
    tree = ast.parse(source)
    plain = ast.unparse(tree)
    seen = {plain}
    skipped = set(_without_effect(tree))
    for number, node in enumerate(ast.walk(tree)):
        for change in () if node in skipped else _changes(node):
            wrong = copy.deepcopy(tree)
            twin = next(each for at, each in enumerate(ast.walk(wrong)) if at == number)
            change(twin)
            text = ast.unparse(ast.fix_missing_locations(wrong))
            if text not in seen:
                seen.add(text)
                yield Mutant(_difference(plain, text), text)


def _without_effect(tree: ast.AST) -> Iterator[ast.AST]:
    """Types, what decorates a class, and how many rows are read at a time."""
    for node in ast.walk(tree):
        parts = [
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
            *getattr(node, "decorator_list", ()),
        ]
        if isinstance(node, ast.keyword) and node.arg == "chunk_size":
            parts.append(node.value)
        for part in parts:
            yield from ast.walk(part) if part else ()


def _difference(before: str, after: str) -> str:
    lines, changed = before.split("\n"), after.split("\n")
    at = next((n for n, (old, new) in enumerate(zip(lines, changed, strict=False)) if old != new), len(changed) - 1)
    old, new = lines[at].strip(), changed[at].strip() if len(lines) == len(changed) else "…"
    # Of a long text what stands round the mistake will do.
    if "SELECT" in old:
        same = next(n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
        old, new = (text[max(same - 60, 0) : same + 60] for text in (old, new))
    return f"{old}  ->  {new}"


def _changes(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare():
            for other in _COMPARED.get(type(node.ops[0]), ()):
                yield _set_attribute("ops", [other()])
        case ast.BoolOp(op=operator):
            yield _set_attribute("op", ast.Or() if isinstance(operator, ast.And) else ast.And())
        case ast.If() | ast.While():
            yield from (_set_attribute("test", ast.Constant(value=value)) for value in (False, True))
        case ast.BinOp(op=ast.Add()):
            yield _set_attribute("op", ast.Sub())
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield _set_attribute("func", ast.Name(id=_CALLED[name], ctx=ast.Load()))
        case ast.comprehension(ifs=[_, *_]):
            yield _set_attribute("ifs", [])
        case ast.Return(value=ast.expr()):
            yield _set_attribute("value", ast.Constant(value=None))
    if isinstance(node, ast.Constant):
        yield from (_set_attribute("value", other) for other in _others(node.value))
    yield from _omissions(node)


def _others(value: object) -> Iterator[object]:
    """What could stand in place of a constant."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str) and "SELECT" in value:
        for pattern, other in _SQL:
            for found in re.finditer(pattern, value, re.DOTALL):
                yield value[: found.start()] + found.expand(other) + value[found.end() :]


def _omissions(node: ast.AST) -> Iterator[Change]:
    """Without a statement, an element of a list, or an argument that has a name."""
    if isinstance(node, ast.Module | ast.FunctionDef | ast.If | ast.For | ast.With | ast.Try | ast.While):
        for at, statement in enumerate(node.body):
            if isinstance(statement, ast.Expr | ast.Raise | ast.AugAssign | ast.For) and not _is_text(statement):
                yield _replace_statement(at)
    if isinstance(node, ast.Tuple | ast.List | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        for at in range(len(node.elts)):
            yield _leave_out("elts", at)
    if isinstance(node, ast.Call):
        for at, keyword in enumerate(node.keywords):
            if keyword.arg != "chunk_size":
                yield _leave_out("keywords", at)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _set_attribute(name: str, value: object) -> Change:
    return lambda node: setattr(node, name, value)


def _leave_out(name: str, at: int) -> Change:
    return lambda node: getattr(node, name).pop(at)


def _replace_statement(at: int) -> Change:
    return lambda node: node.body.__setitem__(at, ast.Pass())
