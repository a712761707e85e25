"""Pages as htmx sees them: elements by id, and what a swap makes of a page."""

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client
from django.test.html import Element, parse_html

HTMX = {"HX-Request": "true"}


def swap(client: Client, url: str, target: str = "results") -> HttpResponse:
    return client.get(url, headers={**HTMX, "HX-Target": target})


def text_of(html: str) -> str:
    """What markup says, without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def element(html: str | bytes, id_: str) -> Element:
    found = _find(parse_html(html.decode() if isinstance(html, bytes) else html), id_)
    assert found is not None, id_
    return found


def has_element(html: bytes, id_: str) -> bool:
    return _find(parse_html(html.decode()), id_) is not None


def rows_of(page: str | HttpResponse) -> list[str]:
    """Public ids of the rows of a list, in order."""
    return re.findall(r'<tr data-row="(\w+)"', _text(page))


def row_of(page: str | HttpResponse, public_id: str) -> str:
    """The markup of that row."""
    text = _text(page)
    return text[text.index(f'<tr data-row="{public_id}"') :].split("</tr>")[0]


def hidden_fields(html: bytes) -> dict[str, str]:
    """What the page's forms would send without being asked, the token left out."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html.decode())
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def swapped_out_of_band(html: bytes) -> dict[str, Element]:
    """Elements that the answer replaces beside its target, by id, as they are in the page afterwards."""
    return {str(_attribute(each, "id")): _without(each, "hx-swap-oob") for each in _marked(parse_html(html.decode()))}


def _marked(root: Element) -> list[Element]:
    found = [root] if _attribute(root, "hx-swap-oob") else []
    for child in root.children:
        if isinstance(child, Element):
            found += _marked(child)
    return found


def _find(root: Element, id_: str) -> Element | None:
    if _attribute(root, "id") == id_:
        return root
    children = (_find(child, id_) for child in root.children if isinstance(child, Element))
    return next((found for found in children if found is not None), None)


def _attribute(one: Element, name: str) -> str | None:
    return dict(one.attributes).get(name)


def _without(one: Element, name: str) -> Element:
    one.attributes = [pair for pair in one.attributes if pair[0] != name]
    return one


def _text(page: str | HttpResponse) -> str:
    return page if isinstance(page, str) else page.content.decode()
