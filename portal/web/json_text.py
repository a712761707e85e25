"""JSON for people: indented lines with colours, without secrets and, where asked, without personal data."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

MOST_LINES = 5_000
# No processor nests anything like so deep; what does is cut off instead of exhausting the stack.
_DEEPEST = 60
_SECRETS = frozenset({"client_secret", "secret", "api_key", "access_token"})
# What opens an object at the processor may also be a part of an address to go to.
_SECRET_ID = re.compile(r"(?<!\w)\w+_secret_\w+")
# Everything below these keys is about a person, except for the country.
_ABOUT_PERSONS = frozenset(
    {
        *("billing_details", "shipping", "shipping_details", "customer_details", "customer_shipping", "owner"),
        *("address", "billing_address", "shipping_address", "customer_address", "individual", "person", "evidence"),
        *("customer_tax_ids", "tax_ids", "dob", "payer"),
    }
)
_PERSONAL = frozenset(
    {
        *("name", "email", "phone", "receipt_email", "receipt_url", "customer_email", "customer_name", "first_name"),
        *("last_name", "customer_phone", "customer_purchase_ip", "ip", "ip_address", "client_ip", "tax_id"),
        *("hosted_invoice_url", "invoice_pdf", "account_number", "iban", "payer_name", "payer_email", "payer_id"),
        *("verified_name", "verified_email", "verified_phone", "verified_address", "cardholder_name", "sender_name"),
        *("account_holder_name", "id_number", "ssn_last_4", "phone_number"),
    }
)
_KEPT_BELOW = frozenset({"country"})
# Begins where a word does, else text without spaces would be searched once for each of its characters.
_ADDRESS = re.compile(r"(?<![^\s@<>])[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
# Shorter words of names are other words too often.
_SHORTEST_NAME = 3


def hidden() -> str:
    """What stands for what is left out, in the reader's language."""
    return gettext("•••• redacted")


def redacted(value: Any, *, personal: bool, names: Iterable[str] = ()) -> Any:
    """A copy without secrets; ``personal`` also removes what tells who somebody is, wherever it stands: also the words
    of these ``names``, which nothing else would tell from other words."""
    return _Redaction(personal, _of_names(names) if personal else None).of(value, below=False, depth=0)


def _of_names(names: Iterable[str]) -> re.Pattern[str] | None:
    words = {re.escape(word) for name in names for word in name.split() if len(word) >= _SHORTEST_NAME}
    one = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{one})(?:\s+(?:{one}))*(?!\w)", re.IGNORECASE) if words else None


@dataclass(frozen=True, slots=True)
class _Redaction:
    """``below``: whether everything here is about a person."""

    personal: bool
    names: re.Pattern[str] | None

    def of(self, value: Any, *, below: bool, depth: int) -> Any:
        if isinstance(value, dict | list) and depth == _DEEPEST:
            return "…"
        if isinstance(value, dict):
            return {key: self._of_key(key, each, below=below, depth=depth + 1) for key, each in value.items()}
        if isinstance(value, list):
            return [self.of(each, below=below, depth=depth + 1) for each in value]
        if below and self.personal and value and not isinstance(value, bool):
            return hidden()
        return self._of_text(value) if isinstance(value, str) else value

    def _of_key(self, key: str, value: Any, *, below: bool, depth: int) -> Any:
        if value and (key in _SECRETS or (self.personal and key in _PERSONAL and isinstance(value, str))):
            return hidden()
        below = (below or key in _ABOUT_PERSONS) and key not in _KEPT_BELOW
        return self.of(value, below=below, depth=depth)

    def _of_text(self, text: str) -> str:
        text = _SECRET_ID.sub(hidden(), text) if "_secret_" in text else text
        text = _ADDRESS.sub(hidden(), text) if self.personal and "@" in text else text
        return self.names.sub(hidden(), text) if self.names else text


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
