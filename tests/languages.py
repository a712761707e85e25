"""A language that nobody speaks, for looking at pages: every translated text stands in ⟦brackets⟧, from right to left.

What has no brackets is data, or was never marked. It is made of the sources and never offered to people.
"""

from collections.abc import Iterator
from gettext import GNUTranslations
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from deploy.texts import compiled, gather

# Arabic, so that Django writes it from right to left; the rest is nobody's country.
CODE, NAME = "ar-xb", "Brackets"
_HEAD = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
# Whose texts stand on our pages, too: errors of forms above all.
_LIBRARIES = ("django.conf", "django.contrib.auth", "allauth", "django_filters", "django_tables2", "django_otp")


def make(folder: Path) -> None:
    """Writes the texts into ``folder``, for LOCALE_PATHS."""
    texts = Catalog(charset="utf-8")
    for message in gather():
        if message.id:
            texts.add(message.id, _bracketed(message.id), context=message.context)
    for borrowed in _borrowed():
        if borrowed not in texts:
            texts.add(borrowed, _bracketed(borrowed))
    file = BytesIO()
    write_po(file, texts, omit_header=True, no_location=True)
    place = folder / "ar_XB" / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    (place / "django.mo").write_bytes(compiled(_HEAD + file.getvalue().decode()))


def _borrowed() -> Iterator[str]:
    """Texts of the libraries; those with a context or plural forms stand on no page."""
    for name in _LIBRARIES:
        place = Path(str(import_module(name).__file__)).parent / "locale/fr/LC_MESSAGES/django.mo"
        with place.open("rb") as file:
            known = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        yield from (text for text in known if isinstance(text, str) and text and "\x04" not in text)


def _bracketed(text: Any) -> Any:
    return tuple(f"⟦{form}⟧" for form in text) if isinstance(text, tuple) else f"⟦{text}⟧"
