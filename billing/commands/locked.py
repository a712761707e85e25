"""Commands under the locks that whoever decides about them must hold: payments first, as everywhere."""

from typing import Any

from django.db.models import QuerySet

from billing.commands.models import CommandBatch, MoneyCommand


def locked_command(public_id: str) -> MoneyCommand:
    """Raises MoneyCommand.DoesNotExist."""
    payment_id = MoneyCommand.objects.values_list("payment_id", flat=True).get(public_id=public_id)
    _lock_payments([payment_id])
    return _locked().get(public_id=public_id)


def locked_commands(*, batch: CommandBatch) -> list[MoneyCommand]:
    """All of the batch, in the order in which they were asked for."""
    _lock_payments(MoneyCommand.objects.filter(batch=batch).values("payment_id"))
    return list(_locked().filter(batch=batch).order_by("pk"))


def _lock_payments(which: Any) -> None:
    """In one order, so that no two wait for each other."""
    payments = MoneyCommand._meta.get_field("payment").related_model._default_manager
    list(payments.select_for_update(of=("self",), no_key=True).filter(pk__in=which).order_by("pk").values_list("pk"))


def _locked() -> QuerySet[MoneyCommand]:
    return MoneyCommand.objects.select_for_update(of=("self",), no_key=True).select_related("payment", "batch")
