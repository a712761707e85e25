"""Everything that the page of one connection shows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from billing import clock
from billing.arrays import array
from billing.compiled import Compiled
from billing.providers.models import ProviderAccount, ProviderAccountQuerySet, WebhookSecret
from billing.providers.stripe.types import EVENT_TYPES, PLATFORM_TYPES
from billing.sync.models import Finding
from billing.sync.standing import WINDOW, Standing, standings
from portal.web.providers.card import Card, card_of
from portal.web.providers.words import scopes_of

Look = Callable[[list[ProviderAccount]], Mapping[UUID, Standing]]
PANELS = frozenset({"summary", "sync", "findings", "access"})
_FEW = 5


def load_account(accounts: ProviderAccountQuerySet, public_id: str) -> ProviderAccount:
    """One of ``accounts``, without its key. Raises ProviderAccount.DoesNotExist."""
    return (
        accounts.select_related("merchant", "platform").defer("api_key", "platform__api_key").get(public_id=public_id)
    )


def page_context(account: ProviderAccount, *, list_url: str, events_url: str, **face: Any) -> dict[str, Any]:
    """``list_url`` is the face's list of connections, ``events_url`` that of events, empty for who may not see them.
    ``face`` says for_staff, may_manage and may_run."""
    secrets = secrets_of(account)
    card = card_of(account, standings([account])[account.pk], secrets=len(secrets))
    page_url = f"{list_url}{account.public_id}/"
    recent = Finding.objects.filter(account=account, found_at__gte=clock.now() - WINDOW)
    return {
        "card": card,
        "account": account,
        "secrets": secrets,
        "scopes": scopes_of(account.granted),
        "webhook_url": webhook_url(account),
        "events_url": f"{events_url}?connection={account.public_id}" if events_url else "",
        "event_types": (*EVENT_TYPES, *(PLATFORM_TYPES if account.is_platform else ())),
        "newest": list(recent.order_by("-found_at", "-id")[:_FEW]),
        "findings_url": f"{page_url}findings/",
        "list_url": list_url,
        "page_url": page_url,
        # Staff hear of kinds alone: see portal.live.publish.
        "topic": "con" if face["for_staff"] else f"con:{account.public_id}",
        **face,
    }


def cards(accounts: ProviderAccountQuerySet) -> list[Card]:
    """A handful of connections at a glance. As many queries for many as for one."""
    found = list(accounts.defer("api_key").order_by("created_at"))
    return cards_of(found)


def cards_of(found: list[ProviderAccount], look: Look = standings) -> list[Card]:
    """``look`` says how they stand; what it leaves out the cards do not show."""
    standing = look(found)
    valid: dict[Any, int] = {}
    for (account_id,) in _SECRETS(array([account.pk for account in found]), clock.now()):
        valid[account_id] = valid.get(account_id, 0) + 1
    return [card_of(account, standing[account.pk], secrets=valid.get(account.pk, 0)) for account in found]


def secrets_of(account: ProviderAccount) -> list[WebhookSecret]:
    """Those that open the door, newest first, without what they are."""
    return list(account.secrets.filter(_alive(clock.now())).defer("secret").order_by("-created_at"))


def webhook_url(account: ProviderAccount) -> str:
    """Where Stripe sends events of this account: its own door, or its platform's."""
    door = account.platform or account
    return f"{settings.PUBLIC_URL}/webhooks/{account.provider}/{door.public_id}/"


def _alive(now: datetime) -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gt=now)


def _secrets(accounts: str, now: datetime) -> QuerySet[WebhookSecret, tuple[UUID]]:
    return WebhookSecret.objects.filter(_alive(now), account__pk__among=accounts).values_list("account_id")


_SECRETS = Compiled(_secrets)
