"""Every address that the site's resolver knows, with its row of the policy table. Made in the actor's process."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.access.policy import POLICY

# Stands for a parameter in a path until a recipe puts something there.
HOLE = "zz{}zz"


def addresses() -> list[dict[str, Any]]:
    """Name, path with holes, parameters and policy of each; `guard` says whether the view agrees with the table."""
    return [_address(*found) for found in _patterns(get_resolver().url_patterns)]


def _patterns(
    entries: Sequence[URLPattern | URLResolver], prefix: str = "", parameters: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern, tuple[str, ...]]]:
    for entry in entries:
        named = (*parameters, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}", entry, named
        else:
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _patterns(entry.url_patterns, space, named)


def _address(name: str, pattern: URLPattern, parameters: tuple[str, ...]) -> dict[str, Any]:
    row = POLICY.get(name)
    return {
        "name": name,
        "path": reverse(name, kwargs={parameter: HOLE.format(parameter) for parameter in parameters}),
        "parameters": list(parameters),
        "agrees": row is not None and getattr(pattern.callback, "guard", None) == row,
        "exempt": bool(getattr(pattern.callback, "csrf_exempt", False)),
        "kind": row.kind if row else "",
        "verb": (row.verb or "") if row else "",
        "methods": list(row.methods) if row else [],
        "step_up": bool(row and row.step_up),
    }
