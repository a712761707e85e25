"""Every text that people see is marked for translation, and every marked one is translated.

tests/browser/test_every_text.py looks at the same on finished pages, where Python's own texts stand, too.
"""

import ast
import re
from gettext import GNUTranslations
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import TypeGuard

import pytest
from babel.messages.catalog import Catalog, Message
from django.template.base import Lexer, TokenType

from deploy.texts import PACKAGES, compiled, gather, load, missing, po_files, strings, updated
from portal.web.kept_words import known
from tests.architecture.source import ROOT, Module, files, modules, write

# Attributes that are read, by eye or aloud.
_READ = {"alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}
_NOT_READ = {"code", "script", "style", "kbd"}
_ATTRIBUTES = re.compile(r"""[\w-]+=(["']).*?\1""")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# What a tag or a filter is given word for word, but for what is marked and what is no text.
_GIVEN = re.compile(r"""(?P<before>_\(|\b(?:target|extra|classes)=|)(?P<mark>["'])(?P<words>.*?)(?P=mark)""")
_SENTENCE = re.compile(r"^[A-Z][a-z]|[A-Za-z] [A-Za-z]")
_MARKING = {"translate", "trans", "blocktranslate", "blocktrans", "plural", "partialdef", "extends", "url", "static"}
# Texts of a filter: words or a format in one language.
_WORDY = re.compile(r"\|\s*(date|time|pluralize|yesno|floatformat|intcomma|timesince|naturaltime)\b")
_TRANSLATED = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
# Not words of any language: our name, keys, time zones, formats and what processors call things.
NAMES = {"Counterfoil", "Stripe", "UTC", "SHA-256", "JSON", "URL", "CSV", "PDF", "SVG", "API", "ms", "px"}


_LOOK_UPS = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "_"}
# A sentence: it begins large, has several words and ends.
_WHOLE = re.compile(r"^\S+ \S+.*[.:]$", re.DOTALL)
_PLACES = re.compile(r"%\(\w+\)[sd]|%[ns%]|\{\w*\}|</?\w+[^>]*>|\n")
# Of billing, for commands, logs and those who write programs.
_NEVER_SHOWN = {
    "x1 is not a currency code of three capital letters.",
    "x1 is not a currency that Counterfoil knows.",
    "x1 and x1 cannot be mixed.",
}
# Values of attributes that names stand in.
_PLAIN_BLOCKS = re.compile(r"\{%\s*block (body_class|body_attributes)\s*%\}.*?\{%\s*endblock\s*%\}", re.DOTALL)


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_READ:
            self._silent.append(tag)
        button = tag == "input" and ("type", "submit") in attrs
        for name, value in attrs:
            if name in _READ or (button and name == "value"):
                self._look(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._look(data, data[: len(data) - len(data.lstrip())].count("\n"))

    def _look(self, text: str, below: int = 0) -> None:
        # A part may be nothing but attributes of the element round it.
        text = _ATTRIBUTES.sub("", text)
        words = [word for word in text.split() if word.strip(".,:;·()–") not in NAMES and _LETTERS.search(word)]
        if words:
            self.found.append((self.getpos()[0] + below, " ".join(text.split())))


def _is_text(given: re.Match[str]) -> bool:
    return not given["before"] and bool(_SENTENCE.search(given["words"]))


def unmarked(text: str) -> list[tuple[int, str]]:
    """Line and words of what one template says in one language only."""
    plain, ends, given = [], "", []
    text = _PLAIN_BLOCKS.sub(lambda match: "\n" * match[0].count("\n"), text)
    for token in Lexer(text).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        line = token.lineno or 1
        if not ends and token.token_type in {TokenType.BLOCK, TokenType.VAR} and name not in _MARKING:
            given += [(line, match["words"]) for match in _GIVEN.finditer(token.contents) if _is_text(match)]
            given += [(line, match[0]) for match in _WORDY.finditer(token.contents)]
        lines = "\n" * token.contents.count("\n")
        if ends:
            ends = "" if name == ends else ends
        elif name in _TRANSLATED:
            ends = _TRANSLATED[name]
        elif token.token_type == TokenType.TEXT:
            plain.append(token.contents)
            continue
        plain.append(lines)
    texts = _Texts()
    texts.feed("".join(plain))
    return sorted(given + texts.found)


def unmarked_texts(root: Path) -> list[str]:
    return [
        f"{name}:{line} {words}"
        for name, path in files(root)
        if name.startswith("templates/") and path.suffix in {".html", ".txt"}
        for line, words in unmarked(path.read_text(encoding="utf-8"))
    ]


def hidden_from_extraction(module: Module) -> list[str]:
    """Marked texts that nobody who gathers them sees: in an f-string, or put together before they are looked up."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            found += [f"{module.path}:{node.lineno} in an f-string" for each in ast.walk(node) if _looks_up(each)]
        elif _looks_up(node) and not isinstance(node.args[0], ast.Constant | ast.Name):
            found.append(f"{module.path}:{node.lineno} is put together")
    return found


def _looks_up(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _LOOK_UPS


def sentences(module: Module) -> list[tuple[int, str]]:
    """What a module without HTTP says in whole sentences, and where; docstrings left out."""
    loose = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(module.tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and not {id(node)} & (loose | parts):
            text = _text(node)
            if _WHOLE.search(text):
                found.append((node.lineno, text))
    return found


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(part.value if isinstance(part, ast.Constant) else "x1" for part in node.values)


def test_every_text_of_a_template_is_marked() -> None:
    assert unmarked_texts(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "<p>Nothing yet</p>",
        "<p>{{ name }} paid</p>",
        "{% if codes %}Codes{% endif %}",
        '<a title="Go back">{{ name }}</a>',
        '<input type="submit" value="Save">',
        '{% include "components/empty.html" with title="Nothing yet" %}',
        '{% include "components/field.html" with hint="of the last week" %}',
        '{{ name|default:"Nobody here" }}',
        "{{ count|pluralize }}",
        '{{ moment|date:"j M Y" }}',
    ],
)
def test_a_text_that_is_not_marked_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "templates/merchant/page.html", f"<main>\n{text}\n</main>")
    assert {found.split()[0] for found in unmarked_texts(tmp_path)} == {"templates/merchant/page.html:2"}


@pytest.mark.parametrize(
    "text",
    [
        '<p>{% translate "Nothing yet" %}</p>',
        "<p>{% blocktranslate %}Paid by {{ name }}{% endblocktranslate %}</p>",
        "{# A note #}{% comment %}Another{% endcomment %}",
        '{% include "components/empty.html" with title=_("Nothing yet") target="closest section" %}',
        "<code>payment_intent</code> Stripe · {{ at }} UTC",
        '<a class="cf-row-link" href="/merchants/" data-live="pay:1">1</a>',
        "{% block body_class %}cf-identity{% endblock %}",
    ],
)
def test_what_is_marked_or_no_text_is_not_found(text: str) -> None:
    assert unmarked(text) == []


def test_marked_texts_of_python_can_be_gathered() -> None:
    assert [text for module in modules(ROOT, *PACKAGES) for text in hidden_from_extraction(module)] == []


@pytest.mark.parametrize("text", ["f\"{gettext('now')}\"", '_("now %s" % name)', '_(f"now {name}")'])
def test_a_text_that_cannot_be_gathered_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "portal/page.py", text)
    assert len(hidden_from_extraction(modules(tmp_path, "portal")[0])) == 1


def test_sentences_that_rows_and_errors_hold_are_known_to_the_pages() -> None:
    found = [
        f"{module.path}:{line} {text}"
        for module in modules(ROOT, "billing")
        if module.within("billing/providers", "billing/sync", "billing/money.py")
        for line, text in sentences(module)
        if not known(text) and text not in _NEVER_SHOWN
    ]
    assert found == []


@pytest.mark.parametrize("po", po_files(), ids=lambda po: po.parent.parent.name)
class TestLanguage:
    def test_the_file_holds_the_texts_of_today(self, po: Path, gathered: Catalog) -> None:
        text = po.read_text(encoding="utf-8")
        assert text == updated(text, gathered), "run `make texts`"

    def test_what_django_loads_is_what_people_wrote(self, po: Path) -> None:
        assert po.with_suffix(".mo").read_bytes() == compiled(po.read_text(encoding="utf-8")), "run `make texts`"

    def test_every_text_is_translated_in_all_its_forms(self, po: Path) -> None:
        assert [message.id for message in missing(_load(po))] == []

    def test_a_translation_holds_what_its_text_holds(self, po: Path) -> None:
        assert [message.id for message in _load(po) if message.id and not agrees(message)] == []

    def test_a_translation_ends_as_its_text_does(self, po: Path) -> None:
        """Spaces round a text and the full stop of a sentence belong to the page."""
        assert [message.id for message in _load(po) if message.id and not ends_alike(message)] == []


@pytest.fixture(scope="module")
def gathered() -> Catalog:
    return gather()


def _load(po: Path) -> Catalog:
    return load(po.read_text(encoding="utf-8"))


def agrees(message: Message) -> bool:
    """Whether places, elements and line breaks of a translation are those of its text. A form for one alone may leave
    the number out."""
    texts = message.id if isinstance(message.id, tuple) else (message.id,)
    wanted = [sorted(_PLACES.findall(text)) for text in texts]
    given = [sorted(_PLACES.findall(text)) for text in strings(message)]
    return all(each == wanted[-1] or (index == 0 and each == wanted[0]) for index, each in enumerate(given))


def ends_alike(message: Message) -> bool:
    text = message.id[-1] if isinstance(message.id, tuple) else message.id
    return all(_ending(each) == _ending(text) for each in strings(message))


def _ending(text: str) -> tuple[str, str, bool]:
    bare = text.strip()
    return (
        text[: len(text) - len(text.lstrip())],
        text[len(text.rstrip()) :],
        bare.endswith((".", "…")) and bare != "No.",
    )


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("%(n)d rows", "%(count)d lignes"),
        ("%(n)d rows", "lignes"),
        (("%(n)d row", "%(n)d rows"), ("%(n)d ligne", "lignes")),
        ("Paid by <strong>%(name)s</strong>", "Payé par %(name)s"),
        ("%n new – show", "nouveaux – afficher"),
        ("{name} left", "parti"),
    ],
)
def test_a_translation_that_lost_something_is_found(text: str, translation: str) -> None:
    assert not agrees(Message(text, translation))


def test_what_is_kept_is_what_gettext_reads() -> None:
    text = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "row"
msgid_plural "rows"
msgstr[0] "ligne"
msgstr[1] "lignes"

msgctxt "verb"
msgid "Refund"
msgstr "Rembourser « »"

msgid "Untold"
msgstr ""
"""
    read = GNUTranslations(BytesIO(compiled(text)))
    assert [read.ngettext("row", "rows", count) for count in (0, 1, 2)] == ["ligne", "ligne", "lignes"]
    assert read.pgettext("verb", "Refund") == "Rembourser « »"
    assert read.gettext("Untold") == "Untold"


def test_an_update_keeps_what_is_translated_and_guesses_nothing(tmp_path: Path) -> None:
    write(tmp_path, "templates/page.html", '{% translate "Kept" %} {% translate "Kept too" %}')
    for package in PACKAGES:
        write(tmp_path, f"{package}/words.py", "")
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    before = head + 'msgid "Kept"\nmsgstr "Gardé"\n\nmsgid "Gone"\nmsgstr "Parti"\n'
    after = load(updated(before, gather(tmp_path)))
    assert {message.id: message.string for message in after if message.id} == {"Kept": "Gardé", "Kept too": ""}
