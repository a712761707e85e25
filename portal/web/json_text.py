"""JSON for people: indented lines with colours, without secrets and, where asked, without personal data."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

MOST_LINES = 5_000
_SECRETS = frozenset({"client_secret", "secret", "api_key", "access_token"})
# Everything below these keys is about a person, except for the country.
_ABOUT_PERSONS = frozenset({"billing_details", "shipping", "customer_details", "owner", "address", "individual"})
_PERSONAL = frozenset(
    {
        *("name", "email", "phone", "receipt_email", "receipt_url", "customer_email", "customer_name", "first_name"),
        *("last_name", "customer_phone", "customer_purchase_ip", "ip", "ip_address", "client_ip", "dob", "tax_id"),
        *("hosted_invoice_url", "account_number", "iban"),
    }
)
_KEPT_BELOW = frozenset({"country"})
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
REDACTED = "•••• redacted"


def redacted(value: Any, *, personal: bool) -> Any:
    """A copy without secrets; ``personal`` also removes what tells who somebody is, wherever it stands."""
    return _redacted(value, personal=personal, below=False)


def _redacted(value: Any, *, personal: bool, below: bool) -> Any:
    if isinstance(value, dict):
        return {key: _of_key(key, each, personal=personal, below=below) for key, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each, personal=personal, below=below) for each in value]
    if personal and isinstance(value, str):
        return REDACTED if below and value else _ADDRESS.sub(REDACTED, value)
    return value


def _of_key(key: str, value: Any, *, personal: bool, below: bool) -> Any:
    if key in _SECRETS and value:
        return REDACTED
    if personal and key in _PERSONAL and isinstance(value, str) and value:
        return REDACTED
    below = (below or key in _ABOUT_PERSONS) and key not in _KEPT_BELOW
    return _redacted(value, personal=personal, below=below)


def json_lines(value: Any) -> list[SafeString]:
    """One markup line each, at most MOST_LINES; what is longer ends with a line that says so."""
    found: list[SafeString] = []
    for indent, parts in _lines(value, 0, "", ""):
        if len(found) == MOST_LINES:
            found.append(SafeString(gettext("… the rest is not shown")))
            break
        found.append(SafeString("  " * indent + "".join(_coloured(part) for part in parts)))
    return found


# A part is punctuation and keys (kind "") or a value with the kind of its colour.
_Part = tuple[str, str]


def _lines(value: Any, indent: int, lead: str, tail: str) -> Iterator[tuple[int, list[_Part]]]:
    if isinstance(value, dict | list) and value:
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        yield indent, [("", lead + opening)]
        pairs = list(value.items()) if isinstance(value, dict) else [(None, each) for each in value]
        for position, (key, each) in enumerate(pairs, start=1):
            name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
            yield from _lines(each, indent + 1, name, "," if position < len(pairs) else "")
        yield indent, [("", closing + tail)]
        return
    kind = "string" if isinstance(value, str) else "number" if isinstance(value, int | float) else ""
    yield indent, [("", lead), (kind, json.dumps(value, ensure_ascii=False)), ("", tail)]


def _coloured(part: _Part) -> SafeString:
    kind, text = part
    return format_html('<span class="cf-code-{}">{}</span>', kind, text) if kind else format_html("{}", text)
