"""Every page in a language that nobody speaks: what is not in its brackets was never marked for translation."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote_plus
from zoneinfo import available_timezones

import pytest
from babel.core import Locale
from django.apps import apps
from django.conf import settings
from django.db.models import CharField, JSONField, TextField
from django.test import Client, override_settings

from portal.web.methods import METHODS, WALLETS
from tests import languages
from tests.browser.routes import ROUTES

_READ = {
    *("alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"),
    *("data-many", "data-none"),
}
_SILENT = {"script", "style", "code", "kbd", "time", "pre"}
# Three capital letters are a currency.
_WORDS = re.compile(r"\b(?![A-Z]{3}\b)[A-Za-z][A-Za-z'’-]+")
# Ids, versions and numbers, before what they belong to is looked at.
_NO_WORDS = re.compile(r"\S*[\d_…]\S*")
_EDGES = re.compile(r"^[^A-Za-z]+|[^A-Za-z]+$")
_BREAK = "\x00"
# Babel does not know the language, so days, months and countries are English.
_ENGLISH = Locale("en")
_DAYS = "|".join([*_ENGLISH.days["format"]["abbreviated"].values(), *_ENGLISH.months["format"]["abbreviated"].values()])
_OURS = re.compile(rf"\b({_DAYS}|Counterfoil|Stripe|API|UTC)\b")
_NAMES = {
    _OURS.sub("", name).casefold()
    for name in (
        *(zone.replace("_", " ") for zone in available_timezones()),
        *_ENGLISH.territories.values(),
        *(name for name in (*METHODS.values(), *WALLETS.values()) if isinstance(name, str)),
        *(name for _code, name in settings.LANGUAGES),
        languages.NAME,
        # An example that stands in a field.
        "acme",
    )
}


class _Reader(HTMLParser):
    """Collects texts in the order of the document, and those of attributes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.texts, self.attributes, self._silent = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag in _SILENT:
            self._silent.append(tag)
        self.attributes += [value for name, value in attrs if name in _READ and value]

    def handle_endtag(self, tag):
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data):
        # Brackets count wherever they are: one may open before a <time> and close behind it.
        self.texts.append(re.sub("[^⟦⟧]", "", data) if self._silent else data)


def outside(text):
    """What stands in no brackets."""
    depth, found = 0, []
    for char in text:
        depth += (char == "⟦") - (char == "⟧")
        found.append(_BREAK if char in "⟦⟧" else "" if depth else char)
    assert depth == 0, text
    return re.split(rf"{_BREAK}| · ", "".join(found))


def unmarked(html):
    reader = _Reader()
    reader.feed(html)
    texts = [*outside(_BREAK.join(reader.texts)), *(part for each in reader.attributes for part in outside(each))]
    parts = (" ".join(_EDGES.sub("", _OURS.sub("", _NO_WORDS.sub("", text))).split()) for text in texts)
    return [part for part in parts if _WORDS.search(part) and part.casefold() not in _NAMES]


def _stored():
    """Every text in the database, but for what is one of a few choices."""
    found = []
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if not field.choices]
        columns = [field.attname for field in fields if isinstance(field, CharField | TextField | JSONField)]
        if columns and model._meta.app_label not in {"auth", "contenttypes"}:
            for row in model._default_manager.values_list(*columns):
                # Keys and values are shown without the quotes of a list of both.
                texts = [
                    str(value).replace("'", "") if isinstance(value, dict) else str(value) for value in row if value
                ]
                found += [_NO_WORDS.sub("", text) + text.replace("_", " ") for text in texts]
    return " ".join("\n".join(found).casefold().split())


class Data:
    """What stands on pages without being a text of ours: what the database holds, and what was asked for."""

    def __init__(self, site):
        self.site, self.stored = site, ""

    def unknown(self, texts, path):
        asked = unquote_plus(path).casefold()
        left = [text for text in texts if text.casefold() not in asked]
        if any(text.casefold() not in self.stored for text in left):
            self.stored = self.site.ask(_stored)
        return [text for text in left if text.casefold() not in self.stored]


@pytest.fixture(scope="module")
def data(site, brackets):
    offered = [*settings.LANGUAGES, (languages.CODE, languages.NAME)]
    with override_settings(LANGUAGES=offered, LOCALE_PATHS=[*settings.LOCALE_PATHS, brackets]):
        yield Data(site)


def fetch(visit, session):
    client = Client(HTTP_ACCEPT_LANGUAGE=languages.CODE)
    if session:
        client.cookies["session"] = session
    return client.get(visit.path, follow=True).content.decode()


@pytest.mark.parametrize("name", ROUTES)
def test_a_page_is_wholly_marked(guide, data, name):
    visit = ROUTES[name](guide)
    session = visit.cookie or (guide.site.session(visit.person) if visit.person else "")
    html = guide.site.ask(fetch, visit, session)
    assert "⟦" in html
    assert data.unknown(unmarked(html), visit.path) == []


def test_what_is_not_marked_is_found():
    html = '<p>⟦Saved⟧ · Not marked <b>⟦by <i>somebody⟧</i></b><time>20 Nov</time></p><a title="Go on">⟦x⟧</a>'
    assert unmarked(html) == ["Not marked", "Go on"]
