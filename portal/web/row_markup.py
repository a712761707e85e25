"""Rows of long lists: a template without decisions is rendered once a language, and rows are filled into its text."""

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language


def fill_row(template: str, cells: dict[str, Any]) -> SafeString:
    """``cells`` by name, each escaped already, for the variables of ``template``."""
    return mark_safe(_markup(template, tuple(cells), get_language()) % cells)  # noqa: S308


# Rendering the template a row costs thirty times as much, which on a page of a hundred is all of its time.
@lru_cache(maxsize=64)
def _markup(template: str, names: tuple[str, ...], language: str | None) -> str:
    places = {name: mark_safe(f"\x00{name}\x00") for name in names}  # noqa: S308
    text = render_to_string(template, places).strip().replace("%", "%%")
    for name in names:
        text = text.replace(f"\x00{name}\x00", f"%({name})s")
    return text
