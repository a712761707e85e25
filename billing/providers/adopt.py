"""Accounts that are connected to a platform become connections here, each with its merchant."""

import re

from django.db import transaction

from billing import clock
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.automatic import open_automatic
from billing.merchants.models import Merchant
from billing.outbox.publish import Fact, publish
from billing.providers.models import ConnectionStatus, ProviderAccount

_ID = re.compile(r"acct_[A-Za-z0-9_]{1,59}", re.ASCII)


class AdoptionRefused(ValueError):
    """This account cannot be one of the platform's here; the text says why."""


def adopt_account(
    *,
    platform: ProviderAccount,
    external_account: str,
    by: Actor,
    merchant: Merchant | None = None,
    most: int | None = None,
    reason: str = "",
) -> ProviderAccount:
    """The platform's connection to this account, made now unless it is here.

    Without ``merchant`` it gets one of its own, the one that the same account has in the other mode, if any. ``most``
    is how many accounts the platform may have here before this one. Raises AdoptionRefused.
    """
    _check(platform, external_account)
    with transaction.atomic():
        # Two deliveries of a new account wait for each other here, and so do those of its two modes.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=platform.merchant_id)
        found = ProviderAccount.objects.filter(platform=platform, external_account=external_account).first()
        if found is not None:
            return found
        if most is not None and ProviderAccount.objects.filter(platform=platform).count() >= most:
            raise AdoptionRefused(f"{most} accounts of the platform are here, and no more may come by themselves")
        account = _connect(platform, external_account, merchant or _merchant(platform, external_account, by))
        record(
            merchant_id=account.merchant_id,
            actor=by,
            action="connection.adopted",
            object_type="connection",
            object_id=account.public_id,
            after={"mode": account.mode, "account": external_account, "platform": platform.public_id},
            reason=reason,
        )
        publish([Fact("connection.adopted", account.merchant_id, account.livemode, account.public_id)])
    return account


def _check(platform: ProviderAccount, external_account: str) -> None:
    if not platform.is_platform:
        raise AdoptionRefused("the connection is no platform's")
    if platform.status != ConnectionStatus.CONNECTED:
        raise AdoptionRefused("the platform is disconnected")
    if not _ID.fullmatch(external_account):
        raise AdoptionRefused("an account's id starts with acct_")


def _connect(platform: ProviderAccount, external_account: str, merchant: Merchant) -> ProviderAccount:
    own = ProviderAccount.objects.filter(
        merchant=merchant,
        provider=platform.provider,
        livemode=platform.livemode,
        external_account=external_account,
        api_base=platform.api_base,
    )
    if own.exists():
        raise AdoptionRefused(f"{merchant.slug} is connected to {external_account} already, not through this platform")
    return ProviderAccount.objects.create(
        merchant=merchant,
        provider=platform.provider,
        livemode=platform.livemode,
        external_account=external_account,
        is_connect=True,
        platform=platform,
        api_base=platform.api_base,
        created_at=clock.now(),
    )


def _merchant(platform: ProviderAccount, external_account: str, by: Actor) -> Merchant:
    """Whoever has the account in the other mode, or a new one."""
    other = ProviderAccount.objects.select_related("merchant").filter(
        platform__merchant=platform.merchant_id,
        provider=platform.provider,
        external_account=external_account,
        api_base=platform.api_base,
    )
    if (found := other.first()) is not None:
        return found.merchant
    return open_automatic(external_account=external_account, like=platform.merchant, by=by)
