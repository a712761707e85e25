"""A command under the locks that whoever decides about it must hold."""

from billing.commands.models import MoneyCommand


def locked_command(public_id: str) -> MoneyCommand:
    """Its payment first, as everywhere. Raises MoneyCommand.DoesNotExist."""
    payments = MoneyCommand._meta.get_field("payment").related_model._default_manager
    payment_id = MoneyCommand.objects.values_list("payment_id", flat=True).get(public_id=public_id)
    payments.select_for_update(of=("self",), no_key=True).get(pk=payment_id)
    rows = MoneyCommand.objects.select_for_update(of=("self",), no_key=True).select_related("payment")
    return rows.get(public_id=public_id)
