"""Stripe's search language: `status:"active" AND created>1700000000 AND -metadata["k"]:"v"`."""

import re
from collections.abc import Callable
from typing import Any

from simulator.protocol.errors import StripeError
from simulator.protocol.lists import limit
from simulator.store import Doc

# string: exact or, with ~, a part; token: exact words; numeric: compared.
_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z0-9_.]+)(?:\["(?P<key>[^"]+)"\]|\['(?P<other>[^']+)'\])?
        \s*(?P<op>:|~|>=|<=|>|<)\s*
        (?:"(?P<text>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>null|-?\d+))""",
    re.VERBOSE,
)
_JOINT = re.compile(r"\s+(AND|OR)(?=\s)|\s+", re.IGNORECASE)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}
Test = Callable[[Doc], bool]


def answer(found: list[Doc], fields: dict[str, str], params: dict[str, Any], url: str) -> Doc:
    """A search result. ``found`` are all objects, newest first; `page` is the place of the next one."""
    test = compile_query(params["query"], fields)
    hits = [doc for doc in found if test(doc)]
    start, size = _place(params.get("page")), limit(params)
    more = len(hits) > start + size
    data = hits[start : start + size]
    page = f"place_{start + size}" if more else None
    return {"object": "search_result", "data": data, "has_more": more, "next_page": page, "url": url}


def _place(page: str | None) -> int:
    if page is None:
        return 0
    if not re.fullmatch(r"place_\d+", page):
        raise StripeError("Invalid page.", param="page")
    return int(page.removeprefix("place_"))


def compile_query(query: str, fields: dict[str, str]) -> Test:
    """A test of objects. StripeError: what Stripe would not understand."""
    tests, joints, at = [], set(), 0
    while True:
        clause = _CLAUSE.match(query, at)
        if clause is None:
            raise _refused("We were unable to parse your search query.")
        tests.append(_test(clause, fields))
        at = clause.end()
        if not query[at:].strip():
            break
        joint = _JOINT.match(query, at)
        if joint is None:
            raise _refused("We were unable to parse your search query.")
        joints.add((joint[1] or "AND").upper())
        at = joint.end()
    if len(joints) > 1:
        raise _refused("You cannot combine AND and OR in one search query.")
    join = any if joints == {"OR"} else all
    return lambda doc: join(test(doc) for test in tests)


def _test(clause: re.Match[str], fields: dict[str, str]) -> Test:
    name, operator = clause["field"], clause["op"]
    kind = fields.get(name)
    if kind is None:
        raise _refused(f"Field `{name}` is an unsupported search field.")
    key = clause["key"] or clause["other"]
    wanted = _wanted(clause, kind, operator)
    negated = clause["not"] is not None

    def test(doc: Doc) -> bool:
        held = any(_holds(value, wanted, kind, operator) for value in _values(doc, name.split("."), key))
        return held is not negated

    return test


def _wanted(clause: re.Match[str], kind: str, operator: str) -> Any:
    text = next((clause[name] for name in ("text", "single") if clause[name] is not None), None)
    if text is None:
        if clause["bare"] == "null":
            return None
        text = clause["bare"]
    if kind == "numeric":
        if not re.fullmatch(r"-?\d+", text) or operator == "~":
            raise _refused(f"`{operator}{text}` does not fit a numeric field.")
        return int(text)
    if operator not in (":", "~"):
        raise _refused(f"Operator `{operator}` is for numeric fields only.")
    return re.sub(r"\\(.)", r"\1", text)


def _holds(value: Any, wanted: Any, kind: str, operator: str) -> bool:
    if wanted is None or value is None:
        return value is wanted
    if kind == "numeric":
        return bool(value == wanted if operator == ":" else _COMPARE[operator](value, wanted))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if operator == "~":
        return str(wanted).lower() in text.lower()
    return text.lower() == str(wanted).lower()


def _values(doc: Any, path: list[str], key: str | None) -> list[Any]:
    """What stands at a path, through lists; [None] where nothing does."""
    nodes = [doc]
    for name in [*path, *([key] if key else [])]:
        deeper: list[Any] = []
        for node in nodes:
            value = node.get(name) if isinstance(node, dict) else None
            deeper += value if isinstance(value, list) else [value]
        nodes = deeper
    return nodes or [None]


def _refused(message: str) -> StripeError:
    return StripeError(message, param="query")
