"""Connect a merchant to its account at a processor."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from billing import clock
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.crypto import reveal
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount

_SHORTEST_SECRET = 8


class ConnectionRefused(ValueError):
    """What was given cannot make a connection; the text says why, without the secret."""


def connect_stripe(
    *,
    merchant: Merchant,
    livemode: bool,
    api_key: str,
    webhook_secret: str,
    account: str,
    api_base: str,
    is_platform: bool = False,
    by: Actor,
) -> ProviderAccount:
    """The merchant's connection to that Stripe account, made now or brought up to date; a new secret is added.

    ``account`` is empty for the key's own account, else the Connect account. ``api_base`` is empty for Stripe itself.
    With ``is_platform`` its door takes the events of all accounts that are connected to it; a platform stays one.
    Raises ConnectionRefused.
    """
    _check(livemode=livemode, api_key=api_key, webhook_secret=webhook_secret, account=account, api_base=api_base)
    if is_platform and account:
        raise ConnectionRefused("A platform is connected by its own key: leave the Connect account out.")
    now = clock.now()
    with transaction.atomic():
        connection, created = ProviderAccount.objects.select_for_update(of=("self",), no_key=True).get_or_create(
            merchant=merchant,
            provider="stripe",
            livemode=livemode,
            external_account=account,
            api_base=api_base,
            defaults={"is_connect": bool(account), "api_key": api_key, "created_at": now},
        )
        if connection.platform_id is not None:
            raise ConnectionRefused(f"{account} is connected through its platform, which has the key and the secret.")
        changed = {"key": True} if created else {}
        if is_platform and not connection.is_platform:
            connection.is_platform = True
            connection.save(update_fields=["is_platform"])
            changed["platform"] = True
        if not created and reveal(connection, "api_key") != api_key:
            connection.api_key = api_key
            connection.save(update_fields=["api_key"])
            changed["key"] = True
        if webhook_secret not in [reveal(row, "secret") for row in connection.secrets.all()]:
            connection.secrets.create(secret=webhook_secret, last4=webhook_secret[-4:], created_at=now)
            changed["webhook_secret"] = True
        if changed:
            record(
                merchant_id=merchant.pk,
                actor=by,
                action="connection.created" if created else "connection.changed",
                object_type="connection",
                object_id=connection.public_id,
                after={"mode": connection.mode, "account": account, **changed},
            )
    return connection


def _check(*, livemode: bool, api_key: str, webhook_secret: str, account: str, api_base: str) -> None:
    mode = "live" if livemode else "test"
    if not api_key.startswith((f"sk_{mode}_", f"rk_{mode}_")):
        raise ConnectionRefused(f"A {mode} mode connection needs a key that starts with sk_{mode}_ or rk_{mode}_.")
    if len(webhook_secret.strip()) < _SHORTEST_SECRET:
        raise ConnectionRefused(
            "The webhook secret is missing or too short. Stripe shows it as whsec_… at the endpoint."
        )
    if account and not account.startswith("acct_"):
        raise ConnectionRefused("A Connect account's id starts with acct_.")
    if api_base and api_base not in settings.PROCESSOR_BASES:
        raise ConnectionRefused(f"{urlsplit(api_base).netloc or api_base} is not in COUNTERFOIL_PROCESSOR_BASES.")
