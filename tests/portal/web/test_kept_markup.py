"""Markup that is kept by what it depends on, and what is filled into it."""

import pytest
from django.utils.html import escape, format_html

from portal.web.kept_markup import KeptMarkup

WORDS = '100 % of <i class="%(name)s">{}</i> and {}'


def render(places):
    return format_html(WORDS, places["name"], places["more"])


@pytest.mark.parametrize("text", ["", "Lena", '"><script>&amp;', "%", "%(more)s %s", "\x00more\x00", "{} {name}"])
def test_what_is_typed_is_filled_in_as_a_template_would_write_it(text):
    kept = KeptMarkup(most=1)
    for name, more in (("x", ""), (text, "y"), ("", text)):
        assert kept.fill("key", render, {"name": name, "more": more}) == format_html(WORDS, name, more)


def test_it_is_rendered_once_for_a_key_and_keeps_nothing_that_was_typed():
    kept, rendered = KeptMarkup(most=2), []

    def count(places):
        rendered.append(places)
        return render(places)

    for name in ("Lena", "Marek"):
        assert escape(name) in kept.fill(("en", "Lena's"), count, {"name": name, "more": ""})
    assert len(rendered) == 1
    assert "Lena" not in repr([*rendered, *kept._kept.values()])


def test_what_was_not_asked_for_longest_goes_first():
    kept, rendered = KeptMarkup(most=2), []

    def ask(key):
        kept.fill(key, lambda places: rendered.append(key) or "", {})

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert rendered == ["a", "b", "c", "b"]
    assert len(kept._kept) == 2
