"""Columns of the transactions list, and its rows as they are written into the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from html import escape
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from billing.money import MINUS_SIGN, CurrencyMalformed, Money, format_amount
from portal.web.json_text import redacted
from portal.web.masking import mask_email, mask_name
from portal.web.methods import RISK_BANDS, method_name
from portal.web.pagination import Order
from portal.web.row_markup import fill_row
from portal.web.tables import ListTable
from reports.dates import datetime_text, iso_utc
from reports.templatetags.icons import icon
from reports.templatetags.money import current_locale
from reports.templatetags.status import status

MOVED_NOTHING = frozenset({"failed", "blocked", "cancelled", "expired"})
_RISK_ICONS = {"elevated": "alert-triangle", "highest": "ban"}
ORDERS = {
    "created": Order(("created_at", "id"), ("moment", "number")),
    "amount": Order(("currency", "amount", "id"), ("text", "number", "number")),
}


class PaymentTable(ListTable):
    status = tables.Column(orderable=False, verbose_name=_("Status"), attrs={"th": {"class": "cf-col-status"}})
    amount = tables.Column(verbose_name=_("Amount"), attrs={"th": {"class": "cf-col-amount cf-num cf-num-money"}})
    customer = tables.Column(orderable=False, verbose_name=_("Customer"), attrs={"th": {"class": "cf-col-customer"}})
    reference = tables.Column(orderable=False, verbose_name=_("Reference"))
    method = tables.Column(orderable=False, verbose_name=_("Method"), attrs={"th": {"class": "cf-col-method"}})
    risk = tables.Column(orderable=False, verbose_name=_("Risk"), attrs={"th": {"class": "cf-col-risk cf-num"}})
    created = tables.Column(verbose_name=_("Created"), attrs={"th": {"class": "cf-col-created cf-num"}})

    orders = ORDERS

    class Meta:
        order_by = ("-created",)


ROW = "merchant/transactions/row.html"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the rows: in which zone, and whether they may know people. ``back`` is appended to every link."""

    base_url: str
    back: str
    zone: tzinfo
    by_person: bool


_CARD = ' <span class="cf-muted">•••• {}</span>'
_CREATED = '<time datetime="{}">{}</time>'
# On a phone the method stands on the reference's line and the description makes room.
_REFERENCE = (
    '<a class="cf-row-link" href="{url}">{reference}</a> <span class="cf-muted cf-card-hide">{description}</span>'
    '<span class="cf-sheet-only">{method}</span>'
)


def row_key(sort: str) -> Any:
    """How to read the key of a list_rows tuple under that sort."""
    if sort.endswith("created"):
        return lambda row: (row[15], row[0])
    return lambda row: (row[5], row[4], row[0])


def make_rows(found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
    """Markup of rows. ``found`` are tuples of billing.payments.queries.ROW."""
    locale, language = current_locale(), get_language() or ""
    return [_row(each, reader, locale, language) for each in found]


# Open lists ask again whenever something changes, and nearly all of their rows are what they were.
@lru_cache(maxsize=4096)
def _row(found: tuple[Any, ...], reader: Reader, locale: str, language: str) -> SafeString:
    (_pk, public_id, state, raw, amount, currency, name, email, reference, description) = found[:10]
    (method_type, brand, last4, score, level, created_at) = found[10:]
    if not reader.by_person:
        name, email = mask_name(name), mask_email(email)
        reference, description = (redacted(text, personal=True) for text in (reference, description))
    cells = {
        "public_id": public_id,
        "badge": _badge(state, raw if state == "unknown" else "", language),
        "amount": _amount(amount, currency, locale, muted=state in MOVED_NOTHING),
        "customer": escape(name or email) or "—",
        "method": _method(method_type, brand, language),
        "card": _CARD.format(escape(last4)) if last4 else "",
        "risk": _risk(score, level, language),
        "created": _CREATED.format(iso_utc(created_at), datetime_text(created_at, reader.zone)),
    }
    cells["title"] = escape(f"{reference} {description}".strip())
    cells["reference"] = _REFERENCE.format(
        url=f"{reader.base_url}{public_id}/{reader.back}",
        reference=escape(reference or description or public_id),
        description=escape(description) if reference else "",
        method=f" · {cells['method']} {escape(last4)}" if method_type else "",
    )
    return fill_row(ROW, cells)


@lru_cache(maxsize=256)
def _badge(state: str, raw: str, language: str) -> SafeString:
    return status("payment", state, raw=raw)


@lru_cache(maxsize=256)
def _method(method_type: str, brand: str, language: str) -> str:
    return escape(method_name(method_type, brand)) or "—"


@lru_cache(maxsize=512)
def _risk(score: int | None, level: str, language: str) -> SafeString | str:
    if score is None and level not in RISK_BANDS:
        return "—"
    shown = str(RISK_BANDS[level]) if score is None else str(score)
    if level not in _RISK_ICONS:
        return shown
    # The shape and a hidden word say what the colour says.
    return format_html(
        '<span class="cf-risk-{}">{} {}</span>',
        level,
        shown,
        icon(_RISK_ICONS[level], label=gettext("%(band)s risk") % {"band": RISK_BANDS[level]}),
    )


def _amount(minor: int, currency: str, locale: str, *, muted: bool) -> SafeString:
    try:
        text = format_amount(Money(minor, currency), locale=locale, minus=MINUS_SIGN)
    except CurrencyMalformed:
        return format_html("{}", minor)
    # Digits, separators and three capital letters: nothing here needs escaping, and a page has many.
    classes = "cf-money cf-money-muted" if muted else "cf-money"
    code = f'<span class="cf-money-code">{currency}</span>'
    return mark_safe(f'<bdi dir="ltr" class="{classes}">{text} {code}</bdi>')  # noqa: S308
