"""Columns of the transactions list, and its rows as they are written into the page."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.web.methods import RISK_BANDS
from portal.web.money_lists.table import ORDERS, Reader, amount_cell, badge_cell, moment_cell, payment_cells
from portal.web.row_markup import fill_row
from portal.web.tables import ListTable
from reports.templatetags.icons import icon

MOVED_NOTHING = frozenset({"failed", "blocked", "cancelled", "expired"})
ROW = "merchant/transactions/row.html"
_RISK_ICONS = {"elevated": "alert-triangle", "highest": "ban"}


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


def make_rows(found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
    """Markup of rows. ``found`` are tuples of billing.payments.queries.ROW."""
    return [_row(each, reader) for each in found]


# Open lists ask again whenever something changes, and nearly all of their rows are what they were.
@lru_cache(maxsize=4096)
def _row(found: tuple[Any, ...], reader: Reader) -> SafeString:
    (_pk, public_id, state, raw, amount, currency, *told, score, level, created_at) = found
    cells = {
        "public_id": public_id,
        "badge": badge_cell("payment", state, raw if state == "unknown" else "", reader.language),
        "amount": amount_cell(amount, currency, reader.locale, muted=state in MOVED_NOTHING),
        "risk": _risk(score, level, reader.language),
        "created": moment_cell(created_at, reader.zone),
        **payment_cells((public_id, *told), reader),
    }
    return fill_row(ROW, cells)


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
