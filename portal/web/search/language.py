"""What people type into a search field, taken apart: words, ``name:value`` qualifiers, quotes and minus signs.

Nothing here knows what a name or a value means, and no text is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
# A day as it is written needs no quotes: date:20 Nov, date:Nov 2026.
_DAY = re.compile(rf"(-?)date:(\d{{1,2}}\s+{_MONTH}(?:\s+\d{{4}})?|{_MONTH}\s+\d{{4}})(?!\S)", re.ASCII | re.IGNORECASE)
# A quote that nobody closed ends with the text: it may still be typed.
_TERM = re.compile(r'(-(?=\S))?(?:([A-Za-z][A-Za-z0-9_-]*):)?(?:"([^"]*)(?:"|\Z)|(\S+))?')
_SPACES = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Term:
    """``name`` is in small letters, empty for a word. A ``quoted`` word is text, whatever it looks like."""

    name: str
    value: str
    negated: bool = False
    quoted: bool = False

    def __str__(self) -> str:
        needs_quotes = self.quoted or bool(re.search(r"\s", self.value))
        value = f'"{self.value}"' if needs_quotes else self.value
        return f"{'-' if self.negated else ''}{self.name}{':' if self.name else ''}{value}"


def parse(text: str) -> list[Term]:
    """The terms of a search, in their order. Empty quotes are left out."""
    # PostgreSQL stores no text with a NUL, so nothing can be found by one.
    text = text.replace("\x00", " ")
    terms, at = [], _behind_spaces(text, 0)
    while at < len(text):
        day = _DAY.match(text, at)
        match = day or _TERM.match(text, at)
        if match is None or match.end() == at:
            raise AssertionError("every text begins with a term")
        term = _of_day(day) if day else _of_term(match)
        if term.name or term.value:
            terms.append(term)
        at = _behind_spaces(text, match.end())
    return terms


def write(terms: Iterable[Term]) -> str:
    """A text with these terms; parse gives them back."""
    return " ".join(str(term) for term in terms)


def _of_day(match: re.Match[str]) -> Term:
    return Term("date", " ".join(match[2].split()), negated=bool(match[1]))


def _of_term(match: re.Match[str]) -> Term:
    minus, name, quoted, word = match.groups()
    value = quoted if quoted is not None else word or ""
    return Term((name or "").lower(), value, bool(minus), quoted is not None and not name)


def _behind_spaces(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return match.end() if match else at
