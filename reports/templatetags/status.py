"""Badges: icon, word and colour of a status."""

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reports.status import Status, describe, event_value
from reports.templatetags.icons import icon

register = template.Library()


class StoredEvent(Protocol):
    """What a badge needs to know of an event in the inbox."""

    state: str
    attempts: int
    outcome: str


@register.simple_tag
def status(kind: str, value: str, raw: str = "") -> SafeString:
    """``{% status "payment" payment.status raw=payment.provider_status %}``; raw is shown when we know no better."""
    found = describe(kind, str(value))
    if raw and value == "unknown":
        found = Status("neutral", raw, found.explanation)
    return badge(found.family, str(found.label), title=str(found.explanation))


@register.simple_tag
def event_status(event: StoredEvent) -> SafeString:
    """``{% event_status event %}`` for an event of the inbox."""
    return status("event", event_value(state=str(event.state), attempts=event.attempts, outcome=event.outcome))


@register.simple_tag
def status_explanation(kind: str, value: str) -> str:
    """The one sentence that says what the status means; empty when the value is not known."""
    return str(describe(kind, str(value)).explanation)


@register.simple_tag
def badge(family: str, label: str, title: str = "", name: str = "") -> SafeString:
    """A badge outside the mapping, such as a due date. ``name`` replaces the family's icon."""
    return format_html(
        '<span class="cf-badge cf-{}"{}>{}{}</span>',
        family,
        format_html(' title="{}"', title) if title else "",
        icon(name or Status(family, label).icon),
        label,
    )
