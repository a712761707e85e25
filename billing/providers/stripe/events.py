"""Stripe's own list of events, thirty days back: what webhooks told, and what they could not."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.providers.base import Access, CallbackRefused, EventsPage, ListedEvent, Window
from billing.providers.stripe.fields import clean
from billing.providers.stripe.listing import ask_for_list, bounds, page_of
from billing.providers.stripe.webhook import read_envelope

PATH = "/v1/events"


def list_events(access: Access, window: Window, *, undelivered_only: bool = False) -> EventsPage:
    """A page of events, newest first (oldest first where ``before`` was given)."""
    params = bounds(window)
    if undelivered_only:
        params["delivery_success"] = False
    page = page_of(ask_for_list(access, PATH, params, what="events"), window)
    events, unreadable = [], []
    for source in page.sources:
        try:
            events.append(_listed(access, source))
        except CallbackRefused:
            unreadable.append(_id(source))
    last = _id(page.sources[-1]) if page.sources else ""
    return EventsPage(events, page.has_more, page.observed_at, unreadable, last)


def _listed(access: Access, source: Mapping[str, Any]) -> ListedEvent:
    body = json.dumps(source, separators=(",", ":")).encode()
    callback = read_envelope(body)
    # In the list of a connected account an event need not name it, as it does when it is delivered.
    return ListedEvent(replace(callback, account=callback.account or access.account), body)


def _id(source: Mapping[str, Any]) -> str:
    return clean(str(source.get("id") or ""))[:255]
