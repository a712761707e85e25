"""Icons of the one sprite, static/icons/sprite.svg."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Icons that point along the line of text turn round in right-to-left languages.
_DIRECTED = frozenset(
    ["arrow-left", "arrow-right", "arrow-back-up", "chevron-left", "chevron-right", "logout", "login"]
)


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """The symbol ``name``; decorative unless a label names it. ``extra`` adds CSS classes."""
    return _drawn(name, str(label), extra)


# A page has dozens, most of them alike, and the address of the sprite is looked up for each.
@lru_cache(maxsize=1024)
def _drawn(name: str, label: str, extra: str) -> SafeString:
    classes = " ".join(part for part in ("cf-icon", "cf-icon-mirror" if name in _DIRECTED else "", extra) if part)
    address = f"{static('icons/sprite.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, address)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, address)
