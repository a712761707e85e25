"""Asks for a capture: money that was authorised is taken. It is sent later, by whoever carries out commands."""

import uuid
from typing import cast

from billing.audit.actor import Actor
from billing.commands.kinds import DoesNotFit, Find, Handling, Misfit, Named, Overtaken, command_kind
from billing.commands.models import METADATA, CommandKind, MoneyCommand
from billing.commands.needs import count_alone, need_of
from billing.commands.request import request_command, tidy_note
from billing.idempotency.guard import once
from billing.ids import new_id
from billing.money import DEFAULT_LOCALE, Money
from billing.payments.hold import HoldOutlook, check_hold, lock_hold
from billing.payments.models import Payment
from billing.providers.base import Access, Adapter, Answer, CaptureOrder, Kind, Window
from billing.providers.events import ChargeObserved, IntentObserved, RefundObserved
from billing.providers.registry import adapter
from billing.retry import commit


class CaptureNotPositive(ValueError):
    """Zero, or less."""


class CaptureExceedsHold(ValueError):
    """More than was authorised; ``held`` is in minor units."""

    def __init__(self, held: int) -> None:
        super().__init__(f"only {held} are authorised")
        self.held = held


class HoldCurrencyDiffers(ValueError):
    """Another currency than the payment's."""


def request_capture(
    *,
    payment: Payment,
    money: Money,
    seen_held: int,
    form_key: str,
    by: Actor,
    note: str = "",
    locale: str = DEFAULT_LOCALE,
) -> MoneyCommand:
    """The command, asked for once however often a form with this key is sent. What is not captured is released. The
    caller has found the payment among the merchant's own; ``seen_held`` is what was authorised when the person
    decided, in minor units.

    Raises CaptureNotPositive, CaptureExceedsHold, HoldCurrencyDiffers, HoldBarred, HoldChanged, NoteTooLong,
    AmountRefused with amounts written for ``locale``, KeyReused, KeyMalformed, StillLocked.
    """
    note = tidy_note(note)
    _refuse(payment, money)

    def request() -> str:
        count_alone(by=by)
        locked, held = lock_hold(payment, seen_held=seen_held)
        _refuse_for_now(locked, money, held, locale)
        return _request(locked, money, note, by).public_id

    sent = {
        "action": "payment.capture",
        "payment": payment.public_id,
        "amount": money.minor,
        "currency": money.currency,
        "note": note,
        "by": by.id,
    }
    key = f"capture {form_key}"
    answer = commit(lambda: once(merchant_id=payment.merchant_id, key=key, request=sent, work=request))
    return MoneyCommand.objects.for_merchant(payment.merchant_id, payment.livemode).get(public_id=answer.response)


def check_capture(
    *, payment: Payment, money: Money, seen_held: int, by: Actor, locale: str = DEFAULT_LOCALE
) -> HoldOutlook:
    """That this much could be captured as things stand, and what would follow; nothing is written. Raises what
    request_capture raises, but for what concerns its note and its key."""
    _refuse(payment, money)
    now = check_hold(payment, seen_held=seen_held)
    _refuse_for_now(payment, money, now.amount, locale)
    return HoldOutlook(now, need_of(kind=CommandKind.CAPTURE, payment=payment, money=money, by=by))


def _refuse(payment: Payment, money: Money) -> None:
    if money.minor <= 0:
        raise CaptureNotPositive(str(money.minor))
    if money.currency != payment.currency:
        raise HoldCurrencyDiffers(f"{money.currency} of a payment in {payment.currency}")


def _refuse_for_now(payment: Payment, money: Money, held: int, locale: str) -> None:
    if money.minor > held:
        raise CaptureExceedsHold(held)
    adapter(payment.account.provider).check_amount(money, locale=locale)


def _request(locked: Payment, money: Money, note: str, by: Actor) -> MoneyCommand:
    key = uuid.uuid4()
    return request_command(
        kind=CommandKind.CAPTURE,
        key=key,
        public_id=new_id("cap"),
        payment=locked,
        money=money,
        parameters={
            **references(locked),
            "amount": money.minor,
            "currency": money.currency,
            "metadata": {METADATA: str(key)},
        },
        reason="",
        note=note,
        by=by,
    )


def references(payment: Payment) -> dict[str, str]:
    """What the processor calls it: an intent, or a charge without one."""
    return {"intent": payment.external_id if payment.intent else "", "charge": payment.external_charge_id}


Held = IntentObserved | ChargeObserved


def read_held(adapter: Adapter, access: Access, command: MoneyCommand) -> tuple[Answer, Held]:
    """The intent or charge as it is at the processor now. Raises Overtaken when there is none any more."""
    intent, charge = command.parameters["intent"], command.parameters["charge"]
    answer = adapter.fetch(access, Kind.INTENT if intent else Kind.CHARGE, intent or charge)
    if answer.source is None:
        raise Overtaken("The processor knows no such payment any more.")
    return answer, cast(Held, adapter.read(answer.source))


def release_of(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer | None:
    """The refund that let go of all that a charge without an intent authorised; None where there is none. The charge
    must not be captured."""
    page = adapter.list_page(access, Kind.REFUND, Window(), of=command.parameters["charge"])
    for source in page.sources:
        refund = cast(RefundObserved, adapter.read(source))
        if refund.known and not refund.final:
            return Answer(source, page.observed_at)
    return None


def _send(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer:
    frozen = command.parameters
    order = CaptureOrder(
        key=str(command.key),
        intent_id=frozen["intent"],
        charge_id=frozen["charge"],
        money=Money(frozen["amount"], frozen["currency"]),
        metadata=frozen["metadata"],
    )
    return adapter.capture(access, order)


def _find(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer | None:
    """A payment is captured once: whoever did it, with this amount nothing is left to do."""
    answer, now = read_held(adapter, access, command)
    if isinstance(now, IntentObserved):
        captured, is_over = now.amount_received, now.status == "canceled"
    else:
        captured = now.amount_captured
        is_over = not captured and release_of(adapter, access, command) is not None
    if captured == command.amount:
        return answer
    if captured:
        raise Overtaken("Another amount was captured at the processor.")
    if is_over:
        raise Overtaken("The authorisation was cancelled, or expired.")
    return None


def named_by(find: Find) -> Named:
    """A hold makes no object: what a person can name is the payment itself, which must have come to what was asked
    for."""

    def named(adapter: Adapter, access: Access, command: MoneyCommand, object_id: str) -> Answer | None:
        if object_id != (command.parameters["intent"] or command.parameters["charge"]):
            raise DoesNotFit(Misfit.CHARGE)
        try:
            answer = find(adapter, access, command)
        except Overtaken as overtaken:
            raise DoesNotFit(Misfit.OTHERWISE) from overtaken
        if answer is None:
            raise DoesNotFit(Misfit.HELD)
        return answer

    return named


command_kind(CommandKind.CAPTURE, Handling(_send, _find, named_by(_find)))
