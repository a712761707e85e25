"""Connected accounts leave their platform and come back, as the processor tells."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from billing import clock
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.providers.models import ConnectionStatus, ProviderAccount


def account_left(*, account: ProviderAccount, at: datetime, by: Actor) -> bool:
    """Disconnect an account that took its permission back ``at`` the processor's time. False when it is disconnected
    already; that it left again is remembered."""
    columns = {"status": ConnectionStatus.DISCONNECTED, "left_at": at, "disconnected_at": clock.now()}
    if _change(account, Q(status=ConnectionStatus.CONNECTED), columns, "connection.left", at=at, by=by):
        return True
    ProviderAccount.objects.filter(pk=account.pk, left_at__lt=at).update(left_at=at)
    return False


def account_returned(*, account: ProviderAccount, at: datetime, by: Actor) -> bool:
    """Connect an account again that left before ``at``. False when it is connected, or when a person here ended the
    connection: then only a person begins it again, see reconnect_account."""
    columns = {"status": ConnectionStatus.CONNECTED, "left_at": None, "disconnected_at": None}
    left = Q(status=ConnectionStatus.DISCONNECTED, left_at__lt=at)
    return _change(account, left, columns, "connection.returned", at=at, by=by)


def reconnect_account(*, account: ProviderAccount, by: Actor) -> bool:
    """Connect an account of a platform again, whoever ended the connection. False when it is connected."""
    columns = {"status": ConnectionStatus.CONNECTED, "left_at": None, "disconnected_at": None}
    gone = Q(status=ConnectionStatus.DISCONNECTED, platform__isnull=False)
    return _change(account, gone, columns, "connection.reconnected", at=clock.now(), by=by)


def _change(
    account: ProviderAccount, when: Q, columns: dict[str, Any], action: str, *, at: datetime, by: Actor
) -> bool:
    with transaction.atomic():
        # One statement decides, so that two workers who heard the same write one line.
        if not ProviderAccount.objects.filter(when, pk=account.pk).update(**columns):
            return False
        record(
            merchant_id=account.merchant_id,
            actor=by,
            action=action,
            object_type="connection",
            object_id=account.public_id,
            after={"account": account.external_account, "status": columns["status"], "at": at},
        )
    return True
