"""How lists of money objects are sorted, and the cells that they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from billing.money import MINUS_SIGN, Money, format_amount
from portal.web.json_text import redacted
from portal.web.masking import mask_email, mask_name
from portal.web.methods import method_name
from portal.web.pagination import Order
from portal.web.tables import ListTable
from reports.dates import datetime_text, iso_utc
from reports.templatetags.money import not_available
from reports.templatetags.status import status

# Amounts of different currencies do not compare: sorted by amount, a list goes currency by currency.
ORDERS = {
    "created": Order(("created_at", "id"), ("moment", "number")),
    "amount": Order(("currency", "amount", "id"), ("text", "number", "number")),
}
# Of a text in a row; its page says all of it.
_LONGEST = 36
# What a column has room for needs no title to be read.
_ROOM = 18
# On a phone the method stands on the reference's line and the description makes room.
_REFERENCE = '<a class="cf-row-link" href="{url}">{reference}</a>{description}{method}'
_DESCRIPTION = ' <span class="cf-muted cf-card-hide">{}</span>'
_METHOD = '<span class="cf-sheet-only"> · {} {}</span>'


class MoneyTable(ListTable):
    """A subclass adds its columns, among them ``amount`` and ``created``."""

    orders = ORDERS
    usual = "-created"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the rows and how: in which zone and language, and whether they may know people. ``payments_url`` is
    where payments are, ``back`` is appended to every link."""

    payments_url: str
    back: str
    zone: tzinfo
    by_person: bool
    locale: str
    language: str


def amount_cell(minor: int, currency: str, locale: str, *, muted: bool = False, code: bool = True) -> SafeString:
    """As the tag ``money`` writes it, but for a class that a list has no room for."""
    if not currency:
        return not_available()
    text = format_amount(Money(minor, currency), locale=locale, minus=MINUS_SIGN)
    # Digits, separators and three capital letters: nothing here needs escaping, and a page has many.
    classes = "cf-money cf-money-muted" if muted else "cf-money"
    unit = f" <span>{currency}</span>" if code else ""
    return mark_safe(f'<bdi dir="ltr" class="{classes}">{text}{unit}</bdi>')  # noqa: S308


def moment_cell(moment: datetime, zone: tzinfo) -> str:
    return f'<time datetime="{iso_utc(moment)}">{datetime_text(moment, zone)}</time>'


def payment_cells(told: Sequence[str], reader: Reader, anchor: str = "", *, page: str = "") -> dict[str, str]:
    """What a row says of a payment: customer, title, what it is called, reference (the link to its page), method and
    card. ``told`` are the texts of billing.payments.queries.PAYMENT_OF_ROW. The row of something else leads to an
    ``anchor`` of the page, or to a ``page`` of its own, and has no room for a description beside the reference."""
    public_id, name, email, reference, description, method_type, brand, last4 = told
    if not reader.by_person:
        name, email = mask_name(name), mask_email(email)
        reference, description = (redacted(text, personal=True) for text in (reference, description))
    reference, description = shortened(reference), shortened(description)
    method = method_cell(method_type, brand, reader.language)
    customer = escape(name or email)
    besides = description if reference and not (anchor or page) else ""
    return {
        "customer": customer or "—",
        # What is masked says nothing more in full.
        "whole_customer": whole(customer) if reader.by_person else "",
        "title": escape(f"{reference} {description}".strip()),
        "called": escape(reference or description or name or email),
        "reference": _REFERENCE.format(
            url=page or f"{reader.payments_url}{public_id}/{reader.back}{anchor}",
            reference=escape(reference or description or public_id),
            description=_DESCRIPTION.format(escape(besides)) if besides else "",
            method=_METHOD.format(method, escape(last4)) if method_type else "",
        ),
        "method": method,
        "card": f' <span class="cf-muted">•••• {escape(last4)}</span>' if last4 else "",
    }


def whole(text: str) -> str:
    """The attribute that says all of a text, escaped already, which its column may cut; nothing where it fits."""
    return f' title="{text}"' if len(text) > _ROOM else ""


def shortened(text: str) -> str:
    """As much of a text as a cell is there for: a hundred long ones are more than a page should weigh."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


@lru_cache(maxsize=256)
def method_cell(method_type: str, brand: str, language: str) -> str:
    return escape(method_name(method_type, brand)) or "—"


@lru_cache(maxsize=512)
def badge_cell(kind: str, value: str, raw: str, language: str) -> SafeString:
    return status(kind, value, raw=raw)
