"""The cards of the home page. Each is worked out and drawn by itself, and fails by itself."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.merchant.home.attention import attention_context
from portal.merchant.home.latest import latest_context
from portal.merchant.home.money import balance_context
from portal.merchant.home.place import Home
from portal.merchant.home.steps import steps_context
from portal.merchant.home.today import today_context
from portal.merchant.home.volume import volume_context

logger = logging.getLogger(__name__)
Load = Callable[[Home], dict[str, Any]]
CARDS: Mapping[str, tuple[Load, str | Promise]] = {
    "steps": (steps_context, _("Set-up")),
    "attention": (attention_context, _("Needs attention")),
    "kpis": (today_context, _("Today")),
    "volume": (volume_context, _("Volume")),
    "balance": (balance_context, _("Balance")),
    "latest": (latest_context, _("Latest transactions")),
}


def render_cards(home: Home) -> dict[str, SafeString]:
    """All of them; one that cannot be drawn says so in its place. A statement that fails ends the transaction that all
    read in: then, and only then, each is drawn once more with a savepoint of its own."""
    try:
        with transaction.atomic():
            return {name: render_card(home, name) for name in CARDS}
    except Exception:
        logger.exception("a card of merchant %s could not be drawn", home.merchant.public_id)
    return {name: _render_or_say(home, name) for name in CARDS}


def render_card(home: Home, name: str, **more: Any) -> SafeString:
    """Markup of one card; ``moment`` is the line that says when the figures were true."""
    context = {"home": home, "zone": home.merchant.zone, "panel_url": home.panel_url(name), **more}
    if name in CARDS:
        context |= CARDS[name][0](home)
    return render_to_string(f"merchant/home/cards.html#{name}", context)


def _render_or_say(home: Home, name: str) -> SafeString:
    try:
        with transaction.atomic():
            return render_card(home, name)
    except Exception:
        logger.exception("the card %s of merchant %s could not be drawn", name, home.merchant.public_id)
        failed = {"name": name, "title": CARDS[name][1], "url": home.panel_url(name), "page_url": home.url}
        return render_to_string("merchant/home/cards.html#failed", {**failed, "reference": home.request_id})
