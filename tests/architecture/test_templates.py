"""Templates hold nothing that the content security policy forbids or that htmx would do behind our back."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, modules, write

_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_FORM = re.compile(r"<form\b(?P<attributes>[^>]*)>(?P<body>.*?)</form>", re.DOTALL | re.IGNORECASE)
_POST = re.compile(r"method=[\"']?post", re.IGNORECASE)
_TOKEN = re.compile(r"\{%\s*csrf_token\s*%\}")
_UNESCAPED = re.compile(r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off")

_REQUESTING = {"hx-get", "hx-post"}
_FORBIDDEN = {
    *("hx-boost", "hx-disable", "hx-disinherit", "hx-ext", "hx-history", "hx-inherit", "hx-params", "hx-prompt"),
    *("hx-request", "hx-vars", "_", "script", "data-script"),
    # Only GET and POST exist here.
    *("hx-put", "hx-patch", "hx-delete"),
}


class _Elements(HTMLParser):
    """Collects what is wrong with each element. Template syntax is gone from what it reads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {_htmx_name(name): value or "" for name, value in attrs}
        line = self.getpos()[0]
        self.found += [(line, f"<{tag}> {problem}") for problem in _problems(tag, attributes)]

    handle_startendtag = handle_starttag


def _htmx_name(name: str) -> str:
    return name.removeprefix("data-") if name.startswith("data-hx-") else name


def _problems(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    if tag == "style" or "style" in attributes:
        yield "has inline style"
    if tag == "script" and not attributes.get("src") and attributes.get("type") != "application/json":
        yield "is an inline script"
    for name, value in attributes.items():
        if name.startswith(("on", "hx-on")):
            yield f"has the inline handler {name}"
        if name in _FORBIDDEN:
            yield f"uses {name}"
        if value.lstrip().lower().startswith(("js:", "javascript:")):
            yield f"evaluates {name}"
    yield from _problems_of_a_request(tag, attributes)


def _problems_of_a_request(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    if "[" in attributes.get("hx-trigger", ""):
        yield "filters its trigger, which fires for everything under the policy"
    requests = _REQUESTING & attributes.keys()
    for wanted in ("hx-target", "hx-swap"):
        if requests and wanted not in attributes:
            yield f"requests without {wanted} of its own"
    if "hx-post" in attributes and not (tag == "form" and attributes.get("method", "").lower() == "post"):
        yield "posts without being a form that works by itself"


def faults(text: str) -> list[tuple[int, str]]:
    """Line and problem of everything in one template that may not be there."""
    plain = _COMMENT.sub(_lines_only, text)
    found = [(_line(plain, match.start()), "output that is not escaped") for match in _UNESCAPED.finditer(plain)]
    found += [
        (_line(plain, form.start()), "<form> posts without a csrf_token")
        for form in _FORM.finditer(plain)
        if _POST.search(form["attributes"]) and not _TOKEN.search(form["body"])
    ]
    elements = _Elements()
    elements.feed(_TAG.sub(_lines_only, _VARIABLE.sub(lambda match: "x" + _lines_only(match), plain)))
    return sorted(found + elements.found)


def _lines_only(match: re.Match[str]) -> str:
    # A space, so that what stood on both sides stays apart, and the lines, so that numbers stay right.
    return " " + "\n" * match[0].count("\n")


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def faulty_templates(root: Path) -> list[str]:
    return [
        f"{name}:{line} {problem}"
        for name, path in files(root)
        if name.startswith("templates/") and path.suffix == ".html" and not name.startswith("templates/documents/")
        for line, problem in faults(path.read_text(encoding="utf-8"))
    ]


def forbidden_answers(root: Path) -> list[str]:
    """Headers and the status that htmx 4 no longer knows."""
    found = []
    for module in modules(root, "portal"):
        for word in ("HX-Trigger-After-Swap", "HX-Trigger-After-Settle", "status=286"):
            found += [f"{module.path}: {word}"] * (word in module.text)
    return found


def test_templates_keep_to_the_rules() -> None:
    assert faulty_templates(ROOT) == []


def test_views_keep_to_the_rules() -> None:
    assert forbidden_answers(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        '<p {% if wide %}style="width: 1px"{% endif %}>',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<script type="module">go()</script>',
        '<button onclick="go()">',
        '<div hx-on:click="go()">',
        '<div hx-on::after-request="go()">',
        '<div data-hx-boost="true">',
        '<div hx-boost="true">',
        '<div hx-vals="js:{a: 1}">',
        '<div hx-headers="javascript:{}">',
        '<div hx-ext="sse">',
        '<a href="javascript:go()">',
        '<a href=" JavaScript:go()">',
        '<div _="on click go">',
        '<input hx-get="{% url \'x\' %}" hx-target="this" hx-swap="outerHTML" hx-trigger="keyup[key==\'j\']">',
        '<a hx-get="{{ url }}" hx-target="#results">',
        '<a hx-get="{{ url }}" hx-swap="outerHTML">',
        '<button hx-post="/x/" hx-target="this" hx-swap="outerHTML">',
        '<button hx-delete="/x/">',
        '<form method="post" action="/x/"><button>Send</button></form>',
        '<form method="post" action="{% if a > b %}x{% endif %}"></form>',
        "{{ description|safe }}",
        "{% autoescape off %}{{ description }}{% endautoescape %}",
    ],
)
def test_a_fault_is_found(tmp_path: Path, text: str) -> None:
    write(tmp_path, "templates/merchant/page.html", f"<main>\n{text}\n</main>")
    assert len(faulty_templates(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<script src="/static/js/portal.js" defer></script>',
        '<script type="application/json" id="texts">{"a": 1}</script>',
        '{# <p style="x"> #}',
        '<a href="{{ url }}" hx-get="{{ url }}" hx-target="#results" hx-swap="outerHTML">',
        '<form method="post" action="/x/" hx-post="/x/" hx-target="this" hx-swap="outerHTML">{% csrf_token %}</form>',
        '<form method="get" action="/search/"></form>',
        '<p class="{% if a %}style{% endif %}" data-style="x">',
    ],
)
def test_what_is_allowed_is_no_fault(text: str) -> None:
    assert faults(text) == []


def test_a_forbidden_answer_is_found(tmp_path: Path) -> None:
    write(tmp_path, "portal/merchant/views.py", "HttpResponse(status=286)\nresponse['HX-Trigger-After-Swap'] = name")
    assert len(forbidden_answers(tmp_path)) == 2
