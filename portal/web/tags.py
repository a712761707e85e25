"""Tags of payments as they are shown and typed."""

from collections.abc import Sequence
from html import escape

from django import forms
from django.utils.translation import gettext

from billing.tags.models import LONGEST
from billing.tags.word import TagMalformed, tidy


def clean_tag(typed: str) -> str:
    """The tag in its one spelling. Raises ValidationError."""
    try:
        return tidy(typed)
    except TagMalformed:
        text = gettext("A tag is one word of at most %(most)s letters and digits, joined by a dot, - or _.")
        raise forms.ValidationError(text, params={"most": LONGEST}) from None


def tag_chips(words: Sequence[str]) -> str:
    """Markup for a cell of a list; a dash for no tags."""
    return " ".join(f'<span class="cf-tag"><bdi>{escape(word)}</bdi></span>' for word in words) or "—"
