"""What a tag looks like."""

import re
import unicodedata

from billing.tags.models import LONGEST

# Letters and digits of any script; signs only between them.
_WORD = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")


class TagMalformed(ValueError):
    """Empty, longer than LONGEST, or more than one word."""


def tidy(text: str) -> str:
    """The one spelling of a tag: small letters, composed, without white space round it. Raises TagMalformed."""
    word = unicodedata.normalize("NFKC", text).strip().removeprefix("#").lower()
    if len(word) > LONGEST or not _WORD.fullmatch(word):
        raise TagMalformed(f"A tag is one word of at most {LONGEST} letters and digits, joined by . _ or -.")
    return word
