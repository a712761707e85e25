"""An account of a platform belongs to a merchant that is here already, not to one that was opened for it."""

from django.db import transaction
from django.db.models import Model

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.automatic import is_automatic
from billing.merchants.models import Merchant
from billing.providers.adopt import AdoptionRefused, adopt_account
from billing.providers.leave import reconnect_account
from billing.providers.models import ProviderAccount
from billing.queue.models import QueueRow, State
from billing.webhooks.models import WebhookEvent


class AccountInUse(Exception):
    """Something of the account is here already, under the merchant that it has; the text says what."""


def join_account(*, platform: ProviderAccount, external_account: str, merchant: Merchant, by: Actor) -> ProviderAccount:
    """The platform's connection to this account, at this merchant from now on; made if it is not here.

    Events that came move along, as long as they brought nothing but themselves. The merchant that was opened for the
    account vanishes if nothing else is its own. An account that was disconnected is connected again. Raises
    AccountInUse, AdoptionRefused.
    """
    account = adopt_account(platform=platform, external_account=external_account, merchant=merchant, by=by)
    if account.merchant_id != merchant.pk:
        account = _move(account, merchant, by=by)
    reconnect_account(account=account, by=by)
    return account


def _move(account: ProviderAccount, merchant: Merchant, *, by: Actor) -> ProviderAccount:
    with transaction.atomic():
        # Not a weaker lock: whatever is being written for the account now must be seen below, or wait.
        account = ProviderAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        before = Merchant.objects.get(pk=account.merchant_id)
        _refuse_in_use(account)
        _refuse_second(account, merchant)
        ProviderAccount.objects.filter(pk=account.pk).update(merchant=merchant)
        WebhookEvent.objects.filter(account=account).update(merchant=merchant)
        _close(before, account.external_account, by=by)
        account.merchant = merchant
        record(
            merchant_id=merchant.pk,
            actor=by,
            action="connection.joined",
            object_type="connection",
            object_id=account.public_id,
            before={"merchant": before.slug},
            after={"merchant": merchant.slug, "account": account.external_account},
        )
    return account


def _refuse_in_use(account: ProviderAccount) -> None:
    for relation in account._meta.related_objects:
        model = relation.related_model
        rows = model._base_manager.filter(**{relation.field.name: account.pk})
        if issubclass(model, QueueRow):
            # What a worker holds would be filed under the merchant that it read.
            held = rows.order_by("pk").select_for_update(of=("self",)).values_list("state", flat=True)
            if State.LEASED in list(held):
                raise AccountInUse(f"a {_word(model)} of {account.external_account} is being worked on")
        elif _names_merchant(model) and rows.exists():
            raise AccountInUse(f"{account.external_account} has a {_word(model)} already")


def _names_merchant(model: type[Model]) -> bool:
    return any(field.related_model is Merchant for field in model._meta.concrete_fields)


def _word(model: type[Model]) -> str:
    return str(model._meta.verbose_name)


def _refuse_second(account: ProviderAccount, merchant: Merchant) -> None:
    same = ProviderAccount.objects.filter(
        merchant=merchant,
        provider=account.provider,
        livemode=account.livemode,
        external_account=account.external_account,
        api_base=account.api_base,
    )
    if same.exists():
        raise AdoptionRefused(f"{merchant.slug} is connected to {account.external_account} already")


def _close(merchant: Merchant, external_account: str, *, by: Actor) -> None:
    """Delete a merchant that was opened for the account, unless something refers to it."""
    merchant = Merchant.objects.select_for_update(of=("self",)).get(pk=merchant.pk)
    if not is_automatic(merchant, external_account) or _is_referred_to(merchant):
        return
    record(
        merchant_id=merchant.pk,
        actor=by,
        action="merchant.closed",
        object_type="merchant",
        object_id=merchant.public_id,
        before={"slug": merchant.slug, "name": merchant.name},
    )
    Merchant.objects.filter(pk=merchant.pk).delete()


def _is_referred_to(merchant: Merchant) -> bool:
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: merchant.pk}).exists()
        for relation in merchant._meta.related_objects
    )
