"""What can be typed into a search, for people who have not yet."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from portal.web.search.desk import Desk
from portal.web.search.results import Text
from reports.templatetags.money import amount_text

_ALWAYS: list[tuple[str, Text]] = [
    ("pay_7Qm2yLcE1pXv0aB3k", _("An id, ours or the processor's: leads to the object at once.")),
    ("4242 %(amount)s EUR", _("The last four digits of a card and an amount.")),
    ("AO-48317", _("How a reference begins. Quotes keep words together.")),
]
_PEOPLE: list[tuple[str, Text]] = [("lena@example.com", _("A whole e-mail address, or how a name begins."))]
_NARROWED: list[tuple[str, Text]] = [
    ("status:failed date:last-week", _("Payments by status and day. Days can be written as 20 Nov or 2026-11, too.")),
    ("amount:>100 currency:EUR", _("Limits of an amount; 50..100 is between both.")),
    (
        "is:disputed -last4:4242",
        _("Whatever was ever disputed, as is:refunded does for refunds. A minus in front leaves out what fits."),
    ),
]
_STAFF: list[tuple[str, Text]] = [("merchant:acme mode:live status:failed", _("One merchant, in one mode."))]


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    about: Text
    url: str


def examples(desk: Desk) -> list[Example]:
    """Each with the address that tries it."""
    people = _PEOPLE if desk.teller.by_person else []
    chosen = [*_ALWAYS, *_STAFF] if desk.places.face == "ops" else [*_ALWAYS, *people, *_NARROWED]
    # Amounts are read as the page writes them.
    texts = [(text % {"amount": amount_text(1990, "EUR")}, about) for text, about in chosen]
    return [Example(text, about, desk.address(text)) for text, about in texts]
