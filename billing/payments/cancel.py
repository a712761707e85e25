"""Asks for the cancellation of an authorisation: the customer's money is let go. It is sent later, by whoever carries
out commands."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor
from billing.commands.kinds import Handling, Overtaken, command_kind
from billing.commands.models import CommandKind, MoneyCommand
from billing.commands.needs import count_alone, need_of
from billing.commands.request import request_command, tidy_note
from billing.idempotency.guard import once
from billing.ids import new_id
from billing.money import Money
from billing.payments.capture import named_by, read_held, references, release_of
from billing.payments.hold import HoldOutlook, check_hold, lock_hold
from billing.payments.models import Payment
from billing.providers.base import Access, Adapter, Answer, CancelOrder
from billing.providers.events import IntentObserved
from billing.retry import commit


class CancelReason(models.TextChoices):
    """The processor's own words."""

    CUSTOMER_REQUEST = "requested_by_customer", _("Customer asked for it")
    DUPLICATE = "duplicate", _("Paid twice")
    ABANDONED = "abandoned", _("Order was abandoned")


def request_cancel(
    *, payment: Payment, reason: CancelReason, seen_held: int, form_key: str, by: Actor, note: str = ""
) -> MoneyCommand:
    """The command, asked for once however often a form with this key is sent. The caller has found the payment among
    the merchant's own; ``seen_held`` is what was authorised when the person decided, in minor units.

    Raises HoldBarred, HoldChanged, NoteTooLong, KeyReused, KeyMalformed, StillLocked.
    """
    note = tidy_note(note)

    def request() -> str:
        count_alone(by=by)
        locked, held = lock_hold(payment, seen_held=seen_held)
        return _request(locked, Money(held, locked.currency), reason, note, by).public_id

    sent = {
        "action": "payment.cancel",
        "payment": payment.public_id,
        "reason": str(reason),
        "note": note,
        "by": by.id,
    }
    key = f"cancel {form_key}"
    answer = commit(lambda: once(merchant_id=payment.merchant_id, key=key, request=sent, work=request))
    return MoneyCommand.objects.for_merchant(payment.merchant_id, payment.livemode).get(public_id=answer.response)


def check_cancel(*, payment: Payment, seen_held: int, by: Actor) -> HoldOutlook:
    """That it could be cancelled as things stand, and what would follow; nothing is written. Raises HoldBarred,
    HoldChanged."""
    now = check_hold(payment, seen_held=seen_held)
    money = Money(now.amount, payment.currency)
    return HoldOutlook(now, need_of(kind=CommandKind.CANCEL, payment=payment, money=money, by=by))


def _request(locked: Payment, held: Money, reason: CancelReason, note: str, by: Actor) -> MoneyCommand:
    return request_command(
        kind=CommandKind.CANCEL,
        key=uuid.uuid4(),
        public_id=new_id("can"),
        payment=locked,
        money=held,
        parameters={**references(locked), "reason": str(reason)},
        reason=reason,
        note=note,
        by=by,
    )


def _send(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer:
    frozen = command.parameters
    order = CancelOrder(
        key=str(command.key), intent_id=frozen["intent"], charge_id=frozen["charge"], reason=frozen["reason"]
    )
    return adapter.cancel(access, order)


def _find(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer | None:
    """Whoever cancelled it, nothing is left to do. The answer is of the kind that cancel() gives."""
    answer, now = read_held(adapter, access, command)
    if now.status == "succeeded" if isinstance(now, IntentObserved) else now.captured:
        raise Overtaken("The payment was captured at the processor.")
    if isinstance(now, IntentObserved):
        return answer if now.status == "canceled" else None
    return release_of(adapter, access, command)


command_kind(CommandKind.CANCEL, Handling(_send, _find, named_by(_find)))
