"""Everything that the page of one merchant shows to staff: figures and counts, nobody's personal data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.figures.models import DailyFigures
from billing.merchants.models import Membership, Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import OPEN, State
from billing.webhooks.models import WebhookEvent
from portal.staff.waiting.kinds import KINDS, rows_of
from portal.staff.waiting.listing import waiting_url
from portal.web.providers.card import Card
from portal.web.providers.page import cards

Text = str | Promise
Can = Callable[[P], bool]
DAYS = 30


@dataclass(frozen=True, slots=True)
class Volume:
    """Of one mode and currency in the last 30 days of the merchant's zone, today included. ``rate`` in percent of the
    payments that came to an end, None where none did."""

    livemode: bool
    currency: str
    payments: int
    captured: int
    refunded: int
    rate: int | None


@dataclass(frozen=True, slots=True)
class Side:
    """How many rows wait in one mode; ``url`` is empty for who may not see them."""

    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    label: Text
    family: str
    live: Side
    test: Side


def page_context(merchant: Merchant, can: Can) -> dict[str, Any]:
    found = cards(ProviderAccount.objects.filter(merchant=merchant).select_related("merchant"))
    events = reverse("ops:events") if can(P.OPS_EVENTS_VIEW) else ""
    return {
        "shown": merchant,
        "zone": merchant.zone,
        "zone_name": merchant.timezone,
        "days": DAYS,
        "cards": sorted(found, key=lambda card: not card.account.livemode),
        "last_event_at": _newest(found),
        "volumes": _volumes(merchant),
        "lines": [*_money_lines(merchant, can), *_event_lines(merchant, events)],
        "roles": _roles(merchant),
        "list_url": reverse("ops:merchants"),
        "events_url": f"{events}?merchant={merchant.slug}" if events else "",
        "payments_url": f"{reverse('ops:transactions')}?merchant={merchant.slug}" if can(P.OPS_PAYMENTS_VIEW) else "",
        "connections_url": reverse("ops:connections") if can(P.OPS_SYSTEM_VIEW) else "",
        "audit_url": f"{reverse('ops:audit')}?merchant={merchant.slug}" if can(P.OPS_AUDIT_VIEW) else "",
        "visit_url": _address(merchant, "merchant_visit") if can(P.OPS_MERCHANTS_ENTER) else "",
    }


def _newest(found: list[Card]) -> Any:
    return max((card.standing.last_event_at for card in found if card.standing.last_event_at), default=None)


def _volumes(merchant: Merchant) -> list[Volume]:
    first = clock.now().astimezone(merchant.zone).date() - timedelta(days=DAYS - 1)
    counted = DailyFigures.objects.filter(merchant=merchant, day__gte=first).values_list("livemode", "currency")
    names = ("payments", "succeeded", "failed", "amount_captured", "amount_refunded")
    volumes = [_volume(mode, currency, sums) for mode, currency, *sums in counted.annotate(*map(Sum, names))]
    return sorted((each for each in volumes if each.payments), key=lambda each: (not each.livemode, -each.payments))


def _volume(livemode: bool, currency: str, sums: list[int]) -> Volume:
    payments, succeeded, failed, captured, refunded = sums
    ended = succeeded + failed
    rate = round(100 * succeeded / ended) if ended else None
    return Volume(livemode, currency, payments, captured, refunded, rate)


def _money_lines(merchant: Merchant, can: Can) -> list[Line]:
    lines = []
    for name, kind in KINDS.items():
        rows = rows_of(name, merchant=merchant.slug).values_list("livemode").annotate(Count("pk")).order_by()
        counts = dict(rows)
        sides = [
            Side(counts.get(mode, 0), waiting_url(name, livemode=mode, merchant=merchant.slug))
            if can(P.OPS_PAYMENTS_VIEW)
            else Side(counts.get(mode, 0), "")
            for mode in (True, False)
        ]
        lines.append(Line(kind.label, kind.family, *sides))
    return lines


def _event_lines(merchant: Merchant, url: str) -> list[Line]:
    counted = WebhookEvent.objects.filter(OPEN, merchant=merchant, state=State.DEAD).aggregate(
        live=Count("pk", filter=Q(livemode=True)), test=Count("pk", filter=Q(livemode=False))
    )
    sides = [
        Side(counted[mode], f"{url}?state=dead_letter&merchant={merchant.slug}&mode={mode}" if url else "")
        for mode in ("live", "test")
    ]
    return [Line(_("Dead letters"), "danger", *sides)]


def _roles(merchant: Merchant) -> list[tuple[str, int]]:
    """How many people are in each role; who they are is the merchant's own business."""
    counts = dict(Membership.objects.filter(merchant=merchant).values_list("role").annotate(Count("pk")).order_by())
    return [(str(role.label), counts[role.value]) for role in MerchantRole if counts.get(role.value)]


def _address(merchant: Merchant, name: str) -> str:
    return reverse(f"ops:{name}", kwargs={"merchant": merchant.slug})
