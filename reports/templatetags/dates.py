"""Times on pages and in documents. The zone is the tag's own, else the page's ``zone``, else UTC."""

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from billing import clock
from reports import dates
from reports.templatetags.money import not_available

register = template.Library()


def _zone(context: dict[str, Any], zone: dt.tzinfo | str | None) -> dt.tzinfo | str | None:
    return zone or context.get("zone")


@register.simple_tag(takes_context=True, name="datetime")
def datetime_tag(
    context: dict[str, Any], value: dt.datetime | None, zone: dt.tzinfo | str | None = None, seconds: bool = False
) -> SafeString:
    """``{% datetime payment.created_at %}``: 20 Nov 2026, 14:32."""
    if value is None:
        return not_available()
    text = dates.datetime_text(value, _zone(context, zone), seconds=seconds)
    return format_html('<time datetime="{}">{}</time>', dates.iso_utc(value), text)


@register.simple_tag(takes_context=True)
def datetime_plain(context: dict[str, Any], value: dt.datetime, zone: dt.tzinfo | str | None = None) -> str:
    """``20 Nov 2026, 14:32`` without markup: mails, sentences."""
    return dates.datetime_text(value, _zone(context, zone))


@register.simple_tag(takes_context=True, name="date")
def date_tag(
    context: dict[str, Any], value: dt.datetime | dt.date | None, zone: dt.tzinfo | str | None = None
) -> SafeString:
    """``{% date value %}``: 20 Nov 2026, the day in the zone."""
    if value is None:
        return not_available()
    machine = dates.iso_utc(value) if isinstance(value, dt.datetime) else value.isoformat()
    return format_html('<time datetime="{}">{}</time>', machine, dates.day_text(value, _zone(context, zone)))


@register.simple_tag(takes_context=True)
def deadline(context: dict[str, Any], due: dt.datetime | None, zone: dt.tzinfo | str | None = None) -> SafeString:
    """``{% deadline dispute.due_by %}``: in UTC, in the zone, and how much is left."""
    if due is None:
        return not_available()
    text = dates.deadline_text(due, _zone(context, zone), clock.now())
    return format_html('<time datetime="{}">{}</time>', dates.iso_utc(due), text)


@register.simple_tag(takes_context=True)
def ago(context: dict[str, Any], value: dt.datetime | None, zone: dt.tzinfo | str | None = None) -> SafeString:
    """``{% ago value %}``: 5 min ago, with the absolute time on hover; only where the absolute one stands near."""
    if value is None:
        return not_available()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        dates.iso_utc(value),
        dates.datetime_text(value, _zone(context, zone)),
        dates.ago_text(value, clock.now()),
    )
