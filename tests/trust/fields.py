"""The forms of a page, as a browser would send them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_FIELD = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')
_ACTION = re.compile(r'\baction="([^"]*)"')
_POST = re.compile(r'\bmethod="post"', re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Form:
    path: str
    method: str
    names: tuple[str, ...]


def forms_of(page: str, path: str) -> Iterator[Form]:
    """`path` is the page's own, where forms without an action go."""
    for attributes, inside in _FORM.findall(page):
        action = _ACTION.search(attributes)
        target = ((action[1] if action else "") or path).partition("?")[0]
        yield Form(target, "POST" if _POST.search(attributes) else "GET", tuple(sorted(set(_FIELD.findall(inside)))))


def names_of(page: str) -> list[str]:
    """Fields of all forms, and those that belong to a form elsewhere."""
    return sorted(set(_FIELD.findall(page)))
