"""Signing secrets of a connection's webhook endpoint: added and removed, never shown."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from billing import clock
from billing.audit.actor import Actor
from billing.crypto import reveal
from billing.providers.given import ConnectionRefused, check_secret
from billing.providers.locked import locked
from billing.providers.models import ProviderAccount, WebhookSecret
from billing.providers.note import note

# As long as Stripe can sign with both after a roll.
OVERLAP = timedelta(hours=24)


class SecretKnown(ConnectionRefused):
    """The connection has this very secret already."""


class LastSecret(Exception):
    """Without it no delivery could be verified any more."""


class SecretGone(Exception):
    """It was removed before."""


def add_secret(*, account: ProviderAccount, secret: str, replaces: bool = True, by: Actor) -> WebhookSecret:
    """A new secret, valid at once. Those that were there before expire a day later, unless it ``replaces`` none: a
    platform has an endpoint for itself and one for its accounts, each with a secret of its own. Raises SecretTooShort,
    SecretKnown, ConnectionRefused for an account without a door of its own, AlreadyDisconnected."""
    if account.platform_id:
        raise ConnectionRefused("Events of this account come through its platform: add the secret there.")
    check_secret(secret)
    with transaction.atomic():
        connection = locked(account)
        now = clock.now()
        until = now + OVERLAP
        before = [row.last4 for row in connection.secrets.all() if row.expires_at is None or row.expires_at > now]
        if not keep_secret(connection, secret, now=now):
            raise SecretKnown("The connection has this webhook secret already.", field="webhook_secret")
        added = connection.secrets.latest("created_at")
        if replaces:
            others = connection.secrets.exclude(pk=added.pk)
            others.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=until)).update(expires_at=until)
        note(
            connection=connection,
            action="connection.secret_added",
            by=by,
            before={"secrets": before},
            after={"secret": added.last4, "others_expire": until if before and replaces else None},
        )
    return added


def remove_secret(*, account: ProviderAccount, secret_id: UUID, by: Actor) -> None:
    """Deliveries that are signed with it are refused from then on. Raises LastSecret, SecretGone,
    AlreadyDisconnected."""
    with transaction.atomic():
        connection = locked(account)
        secret = connection.secrets.filter(pk=secret_id).first()
        if secret is None:
            raise SecretGone
        lasting = Q(expires_at__isnull=True)
        if secret.expires_at is None and not connection.secrets.filter(lasting).exclude(pk=secret.pk).exists():
            raise LastSecret
        secret.delete()
        note(connection=connection, action="connection.secret_removed", by=by, before={"secret": secret.last4})


def keep_secret(connection: ProviderAccount, secret: str, *, now: datetime) -> bool:
    """Whether it is new to the connection; then it is kept."""
    if secret in [reveal(row, "secret") for row in connection.secrets.all()]:
        return False
    connection.secrets.create(secret=secret, last4=secret[-4:], created_at=now)
    return True
