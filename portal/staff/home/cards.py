"""The cards of the staff home. Each is worked out and drawn by itself, and fails by itself."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.access.verbs import P
from billing.approvals.models import Approval, Decision
from billing.providers.models import ProviderAccount
from billing.queue.models import OPEN
from billing.webhooks.models import WebhookEvent
from billing.webhooks.queries import CONDITIONS
from portal.staff.waiting.kinds import KINDS, LIVE, rows_of
from portal.staff.waiting.listing import waiting_url
from portal.web.approvals.subjects import KINDS as APPROVAL_KINDS
from portal.web.approvals.subjects import REFUND_BATCH
from portal.web.providers.needs import NEEDS

logger = logging.getLogger(__name__)
Text = str | Promise
PAGE = "staff/home/home.html"


@dataclass(frozen=True, slots=True)
class Figure:
    """``url`` leads to a list with exactly so many rows."""

    label: Text
    count: int
    url: str
    family: str


@dataclass(frozen=True, slots=True)
class Card:
    title: Text
    verb: P
    live: str
    counts: Callable[[bool], list[Figure]]


def _money(livemode: bool) -> list[Figure]:
    return [
        Figure(kind.label, rows_of(name, livemode=livemode).count(), waiting_url(name, livemode=livemode), kind.family)
        for name, kind in KINDS.items()
    ]


def _events(livemode: bool) -> list[Figure]:
    shown = {
        "dead_letter": (_("Dead letters"), "danger"),
        "retrying": (_("Retrying"), "warn"),
        "waiting": (_("Waiting for their object"), "info"),
    }
    counted = WebhookEvent.objects.filter(OPEN, livemode=livemode).aggregate(
        **{name: Count("pk", filter=CONDITIONS[name]) for name in shown}
    )
    mode, url = _mode(livemode), reverse("ops:events")
    return [
        Figure(label, counted[name], f"{url}?state={name}&mode={mode}", family)
        for name, (label, family) in shown.items()
    ]


def _connections(livemode: bool) -> list[Figure]:
    accounts = ProviderAccount.objects.filter(livemode=livemode)
    url = reverse("ops:connections")
    return [
        Figure(need.label, need.among(accounts).count(), f"{url}?need={name}&mode={_mode(livemode)}", need.family)
        for name, need in NEEDS.items()
    ]


def _approvals(livemode: bool) -> list[Figure]:
    labels = {
        "refund": _("Refunds that take two people"),
        "capture": _("Captures above a limit"),
        "cancel": _("Cancellations above a limit"),
        REFUND_BATCH: _("Refunds of several payments"),
        "limit": _("New limits"),
    }
    found = Approval.objects.filter(decision=Decision.PENDING, expires_at__gt=clock.now(), livemode=livemode)
    counted = found.aggregate(**{name: Count("pk", filter=Q(kind=name)) for name in APPROVAL_KINDS})
    url, mode = reverse("ops:approvals"), _mode(livemode)
    return [Figure(labels[name], counted[name], f"{url}?kind={name}&mode={mode}", "special") for name in APPROVAL_KINDS]


CARDS: Mapping[str, Card] = {
    "approvals": Card(_("Waiting for approval"), P.OPS_APPROVALS_DECIDE, "apr", _approvals),
    "money": Card(_("Money that waits"), P.OPS_PAYMENTS_VIEW, LIVE, _money),
    "events": Card(_("Incoming events"), P.OPS_EVENTS_VIEW, "whk pay", _events),
    "connections": Card(_("Connections"), P.OPS_SYSTEM_VIEW, "con", _connections),
}


def render_cards(livemode: bool, can: Callable[[P], bool], *, reference: str) -> list[SafeString]:
    """Those that the person may see, in the order of reading."""
    return [
        drawn_or_said(partial(render_card, name, livemode), frame(name, card.title, livemode), reference=reference)
        for name, card in CARDS.items()
        if can(card.verb)
    ]


def render_card(name: str, livemode: bool) -> SafeString:
    card = CARDS[name]
    context = {**frame(name, card.title, livemode), "live": card.live, "counts": card.counts(livemode)}
    return render_to_string(f"{PAGE}#card", context)


def drawn_or_said(draw: Callable[[], SafeString], framed: Mapping[str, Any], *, reference: str) -> SafeString:
    """A card, or in its place that it could not be loaded."""
    try:
        # A statement that fails must not end the transaction that the other cards read in.
        with transaction.atomic():
            return draw()
    except Exception:
        logger.exception("the card %s of the staff home could not be drawn", framed["name"])
        return render_to_string(f"{PAGE}#failed", {**framed, "reference": reference})


def frame(name: str, title: Text, livemode: bool) -> dict[str, Any]:
    """What every card has: the address of its own, and that of the page without scripts."""
    mode = _mode(livemode)
    return {
        "name": name,
        "title": title,
        "url": f"{reverse(f'ops:home_{name}')}?mode={mode}",
        "page_url": f"{reverse('ops:home')}?mode={mode}",
    }


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"
