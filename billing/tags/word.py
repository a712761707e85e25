"""What a tag looks like."""

import re
import unicodedata

from billing.tags.models import LONGEST

_JOINT = re.compile(r"[._-]")
# Letters, the marks that vowels and tones of many scripts are written with, and digits.
_SIGNS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "No"})
# Letters and marks that leave nothing to be seen: with them two tags could look alike.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class TagMalformed(ValueError):
    """Empty, longer than LONGEST, or more than one word."""


def tidy(text: str) -> str:
    """The one spelling of a tag: small letters, composed, without white space round it. Raises TagMalformed."""
    small = unicodedata.normalize("NFKC", text).strip().removeprefix("#").lower()
    # A letter may have a composed form in small alone.
    word = unicodedata.normalize("NFC", small)
    if len(word) > LONGEST or not all(_is_part(part) for part in _JOINT.split(word)):
        raise TagMalformed(f"A tag is one word of at most {LONGEST} letters and digits, joined by . _ or -.")
    return word


def _is_part(text: str) -> bool:
    kinds = [unicodedata.category(sign) for sign in text]
    return bool(kinds) and kinds[0][0] != "M" and _SIGNS.issuperset(kinds) and not _UNSEEN.search(text)
