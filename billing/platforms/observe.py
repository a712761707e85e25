"""What the processor says about an account itself is kept at its connection, and its merchant gets its name."""

from datetime import datetime

from django.db import transaction

from billing.audit.actor import SYSTEM
from billing.merchants.automatic import describe_automatic
from billing.merchants.models import Merchant
from billing.providers.events import AccountObserved
from billing.providers.leave import account_left
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent


def observe(account: ProviderAccount, observed: AccountObserved, *, at: datetime) -> bool:
    """Let the connection say what the snapshot of ``at`` says; False when it did already, or when the snapshot is of
    another account. Only an account of a platform can leave."""
    if account.external_account and observed.external_id != account.external_account:
        return False
    if not observed.authorised:
        return _leave(account, at=at)
    with transaction.atomic():
        current = ProviderAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
        said = {"name": observed.name, "country": observed.country}
        changed = {name: value for name, value in said.items() if value and getattr(current, name) != value}
        renamed = _rename(current, observed)
        if changed:
            ProviderAccount.objects.filter(pk=current.pk).update(**changed)
    return bool(changed) or renamed


def _leave(account: ProviderAccount, *, at: datetime) -> bool:
    # Deliveries come out of order: who has sent something since is here again.
    if account.platform_id is None or WebhookEvent.objects.filter(account=account, occurred_at__gt=at).exists():
        return False
    return account_left(account=account, at=at, by=SYSTEM)


def _rename(current: ProviderAccount, observed: AccountObserved) -> bool:
    if current.platform_id is None:
        return False
    return describe_automatic(
        merchant=Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=current.merchant_id),
        external_account=current.external_account,
        known_as=current.name,
        name=observed.name,
        currency=observed.currency,
        by=SYSTEM,
    )
