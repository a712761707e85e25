"""Refuses card numbers wherever somebody can type: they are stored nowhere here, not even in a log."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext

# Digits, possibly grouped by one kind of separator: 4242 4242 4242 4242, 4242-4242-4242-4242.
_GROUPED = re.compile(r"\d+(?:([ .\-])\d+(?:\1\d+)*)?")
_LENGTHS = range(13, 20)
# Machine-made values, of which many a one passes the check by chance …
_MADE = {"csrfmiddlewaretoken", "cursor", "draft", "secret", "counted_at", "form_key", "seen_left"}
# … and what is never stored as typed.
_NOT_TEXT = _MADE | {"password", "password1", "password2", "oldpassword", "api_key", "webhook_secret"}
# Addresses to return to, with a query string of their own: its cursors are numbers that often pass the check.
_ADDRESSES = {"back", "next"}


def contains_card_number(text: str) -> bool:
    """Whether 13 to 19 digits in a row, bare or in groups, pass the Luhn check. Digits of any script count."""
    plain = unicodedata.normalize("NFKC", text)
    return any(_passes_luhn(digits) for digits in _candidates(plain))


def _candidates(text: str) -> Iterator[str]:
    for match in _GROUPED.finditer(text):
        groups = re.findall(r"\d+", match.group())
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) in _LENGTHS:
                    yield digits
                if len(digits) >= _LENGTHS.stop:
                    break


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = unicodedata.digit(char)
        total += value if place % 2 == 0 else sum(divmod(2 * value, 10))
    return total % 10 == 0


class CardNumberGuard:
    """Middleware: a form or an address that carries a card number reaches no view, and so no table and no log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _carries_card_number(request):
            return _refuse(request)
        return self.get_response(request)


def _carries_card_number(request: HttpRequest) -> bool:
    # Doors for machines verify and read their raw bodies themselves.
    if request.path.startswith("/webhooks/"):
        return False
    typed = [*request.GET.lists()]
    if request.method == "POST" and (request.content_type or "").startswith(("application/x-www-form", "multipart/")):
        typed += request.POST.lists()
    return any(_is_guilty(name, value) for name, values in typed for value in values)


def _is_guilty(name: str, value: str) -> bool:
    if contains_card_number(name):
        return True
    if name in _ADDRESSES:
        path, _mark, query = value.partition("?")
        inner = parse_qsl(query, keep_blank_values=True)
        return contains_card_number(path) or any(_is_guilty(*pair) for pair in inner)
    return name not in _NOT_TEXT and contains_card_number(value)


def _refuse(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        text = gettext("That looks like a card number. It was not saved. Use its last four digits.")
        return HttpResponse(status=400, headers={"HX-Trigger": json.dumps({"portal:alert": {"text": text}})})
    return render(request, "card_number.html", status=400)
