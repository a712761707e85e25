"""Columns of the transactions list, and its rows as they are written into the page."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.payments.queries import ROW
from billing.payouts.queries import Booked, booked_for
from billing.tags.queries import tags_on
from portal.web.json_text import redacted
from portal.web.methods import RISK_BANDS
from portal.web.money_lists.table import (
    MoneyTable,
    Reader,
    amount_cell,
    badge_cell,
    moment_cell,
    payment_cells,
    shortened,
    whole,
)
from portal.web.row_markup import fill_row
from portal.web.tables import column
from portal.web.tags import tag_chips
from reports.templatetags.icons import icon

MOVED_NOTHING = frozenset({"failed", "blocked", "cancelled", "expired"})
_TEMPLATE = "components/payments/row.html"
# Optional columns that a column of the payment itself is behind.
EXTRA = {"refunded": "amount_refunded", "country": "card_country", "id": "external_id", "metadata": "metadata"}
# Whose payment it is, behind ROW, for lists of more than one merchant.
OWNER = ("merchant__name",)
_OWNER_CELL = '<td class="cf-cut cf-card-more">{}</td>'
_MONEY_CELL = '<td class="cf-num">{}</td>'
_TEXT_CELL = '<td class="cf-cut cf-muted"{whole}>{text}</td>'
_TAGS_CELL = '<td class="cf-cut"{whole}>{chips}</td>'
_MONEY = "cf-col-figure cf-num cf-num-money"
# The form stands outside of the table: a row must not know what is done with it.
_TICK = (
    '<td class="cf-check-cell"><label><input type="checkbox" class="form-check-input" name="row" value="{id}"'
    ' form="selection" aria-label="{select} {what}"></label></td>'
)
_RISK_ICONS = {"elevated": "alert-triangle", "highest": "ban"}


class PaymentTable(MoneyTable):
    status = column(_("Status"), "cf-col-status")
    amount = column(_("Amount"), "cf-col-amount cf-num cf-num-money", sorts=True)
    customer = column(_("Customer"), "cf-col-customer")
    reference = column(_("Reference"))
    method = column(_("Method"), "cf-col-method")
    risk = column(_("Risk"), "cf-col-risk cf-num")
    refunded = column(_("Refunded"), _MONEY)
    fee = column(_("Fee"), _MONEY)
    net = column(_("Net after fees"), _MONEY)
    country = column(_("Country"), "cf-col-country")
    id = column(_("Processor’s id"), "cf-col-text")
    tags = column(_("Tags"), "cf-col-text")
    metadata = column(_("Metadata"), "cf-col-text")
    created = column(_("Created"), "cf-col-created cf-num", sorts=True)
    optional = ("refunded", "fee", "net", "country", "id", "tags", "metadata")


def make_rows(
    found: Sequence[tuple[Any, ...]],
    reader: Reader,
    chosen: Sequence[str] = (),
    *,
    owned: bool = False,
    ticks: bool = False,
) -> list[SafeString]:
    """Markup of rows. ``found`` are tuples of billing.payments.queries.ROW, behind them of OWNER where they are
    ``owned``, and of the chosen EXTRA. With ``ticks`` each begins with a box to tick."""
    width = len(ROW) + (len(OWNER) if owned else 0)
    booked = booked_for([each[0] for each in found]) if {"fee", "net"} & {*chosen} else {}
    tags = tags_on([each[1] for each in found]) if "tags" in chosen else {}
    rows = []
    for each in found:
        owner = _owner(*each[len(ROW) : width]) if owned else ""
        more = _more(each, each[width:], booked.get(each[0]), tags.get(each[1], ()), reader, chosen) if chosen else ""
        rows.append(_row(each[: len(ROW)], reader, owner, more, ticks=ticks))
    return rows


def extra_columns(chosen: Sequence[str]) -> tuple[str, ...]:
    """What is queried for optional columns, beside billing.payments.queries.ROW."""
    return tuple(EXTRA[name] for name in chosen if name in EXTRA)


def _owner(name: str) -> str:
    return _OWNER_CELL.format(escape(shortened(name)))


def _more(
    found: tuple[Any, ...],
    extra: tuple[Any, ...],
    booked: Booked | None,
    tags: Sequence[str],
    reader: Reader,
    chosen: Sequence[str],
) -> str:
    """The cells of optional columns; ``booked`` is what the processor has, in the currency of the balance."""
    told = dict(zip(extra_columns(chosen), extra, strict=True))
    currency = found[ROW.index("currency")]
    cells = []
    for name in chosen:
        if name == "refunded":
            cells.append(_MONEY_CELL.format(amount_cell(-told["amount_refunded"], currency, reader.locale)))
        elif name in ("fee", "net"):
            minor = (-booked.fee if name == "fee" else booked.net) if booked else None
            shown = "—" if booked is None or minor is None else amount_cell(minor, booked.currency, reader.locale)
            cells.append(_MONEY_CELL.format(shown))
        elif name == "tags":
            cells.append(_TAGS_CELL.format(whole=whole(" · ".join(tags)), chips=tag_chips(tags)))
        else:
            text = escape(_text_of(told[EXTRA[name]], reader)) or "—"
            cells.append(_TEXT_CELL.format(text=text, whole=whole(text)))
    return "".join(cells)


def _text_of(value: Any, reader: Reader) -> str:
    if isinstance(value, dict):
        shown = redacted(value, personal=not reader.by_person)
        return shortened(" · ".join(f"{key}: {each}" for key, each in shown.items()))
    return str(value)


# Open lists ask again whenever something changes, and nearly all of their rows are what they were.
@lru_cache(maxsize=4096)
def _row(found: tuple[Any, ...], reader: Reader, owner: str, more: str, *, ticks: bool) -> SafeString:
    (_pk, public_id, state, raw, amount, currency, *told, score, level, created_at) = found
    what = payment_cells((public_id, *told), reader)
    cells = {
        "public_id": public_id,
        "tick": _TICK.format(id=public_id, select=_select(reader.language), what=what["called"]) if ticks else "",
        "badge": badge_cell("payment", state, raw if state == "unknown" else "", reader.language),
        "amount": amount_cell(amount, currency, reader.locale, muted=state in MOVED_NOTHING),
        "risk": _risk(score, level, reader.language),
        "owner": owner,
        "more": more,
        "created": moment_cell(created_at, reader.zone),
        **what,
    }
    return fill_row(_TEMPLATE, cells)


@lru_cache(maxsize=32)
def _select(language: str) -> str:
    return escape(gettext("Select"))


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
