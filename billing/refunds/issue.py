"""Asks for a refund. It is sent later, by whoever carries out commands."""

import uuid
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from billing.audit.actor import Actor
from billing.commands.models import METADATA, CommandKind, MoneyCommand
from billing.commands.needs import Need, count_alone, need_of
from billing.commands.request import request_command, tidy_note
from billing.compiled import Compiled
from billing.idempotency.guard import once
from billing.ids import new_id
from billing.money import DEFAULT_LOCALE, Money
from billing.payments.models import Payment
from billing.providers.registry import adapter
from billing.refunds.models import Refund
from billing.refunds.queries import Barrier, Refundable, refundable
from billing.refunds.reasons import RefundReason, told_to_processor
from billing.retry import commit


class RefundBarred(Exception):
    """Nothing of this payment can be given back; ``barrier`` says why."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__(f"no refund: {barrier}")
        self.barrier = barrier


class RefundExceedsRemaining(ValueError):
    """More than is left; ``left`` is in minor units."""

    def __init__(self, left: int) -> None:
        super().__init__(f"only {left} are left")
        self.left = left


class RemainderChanged(Exception):
    """Less or more is left than was shown; ``now`` is how things stand."""

    def __init__(self, now: Refundable) -> None:
        super().__init__(f"{now.left} are left by now")
        self.now = now


class RefundNotPositive(ValueError):
    """Zero, or less."""


class CurrencyDiffers(ValueError):
    """Another currency than the payment's."""


class ReasonUnexplained(ValueError):
    """ "Other" without a note."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is given back, and why. ``note`` is for the merchant's own people and staff; ``block_customer`` tells the
    processor that the payment was fraudulent, which puts the customer on its block lists; with ``receipt`` the customer
    gets a mail once the refund has succeeded."""

    money: Money
    reason: RefundReason
    note: str = ""
    block_customer: bool = False
    receipt: bool = False


def issue_refund(
    *, payment: Payment, terms: Terms, seen_left: int, form_key: str, by: Actor, locale: str = DEFAULT_LOCALE
) -> MoneyCommand:
    """The command, asked for once however often a form with this key is sent. The caller has found the payment among
    the merchant's own; ``seen_left`` is what was left when the person decided.

    Raises RefundNotPositive, CurrencyDiffers, ReasonUnexplained, NoteTooLong, RefundBarred, RemainderChanged,
    RefundExceedsRemaining, AmountRefused with amounts written for ``locale``, KeyReused when the key came with another
    refund, KeyMalformed, StillLocked.
    """
    terms = _tidy(terms)
    _refuse(payment, terms)

    def request() -> str:
        count_alone(by=by)
        locked = _locked(payment)
        _refuse_for_now(locked, terms, seen_left, locale)
        made.append(_request(locked, terms, by))
        return made[-1].public_id

    sent = {
        "action": "refund.issue",
        "payment": payment.public_id,
        "amount": terms.money.minor,
        "currency": terms.money.currency,
        "reason": str(terms.reason),
        "note": terms.note,
        "block_customer": terms.block_customer,
        "receipt": terms.receipt,
        "by": by.id,
    }
    made: list[MoneyCommand] = []
    answer = commit(lambda: once(merchant_id=payment.merchant_id, key=f"refund {form_key}", request=sent, work=request))
    if not answer.repeated:
        return made[-1]
    return MoneyCommand.objects.for_merchant(payment.merchant_id, payment.livemode).get(public_id=answer.response)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of a refund: ``now`` is what of the payment can be given back, and ``need`` says why a second
    person would have to approve it, None where nobody has to."""

    now: Refundable
    need: Need | None


def check_refund(*, payment: Payment, terms: Terms, seen_left: int, by: Actor, locale: str = DEFAULT_LOCALE) -> Outlook:
    """That these terms would do as things stand, and what would follow; nothing is written. Raises what issue_refund
    raises, but for what concerns its key."""
    terms = _tidy(terms)
    _refuse(payment, terms)
    now = _refuse_for_now(payment, terms, seen_left, locale)
    return Outlook(now, need_of(kind=CommandKind.REFUND, payment=payment, money=terms.money, by=by))


def _tidy(terms: Terms) -> Terms:
    return replace(terms, note=tidy_note(terms.note))


def _refuse(payment: Payment, terms: Terms) -> None:
    if terms.money.minor <= 0:
        raise RefundNotPositive(str(terms.money.minor))
    if terms.money.currency != payment.currency:
        raise CurrencyDiffers(f"{terms.money.currency} of a payment in {payment.currency}")
    if terms.reason is RefundReason.OTHER and not terms.note:
        raise ReasonUnexplained


def _locked(payment: Payment) -> Payment:
    """Whoever spends of a payment holds its lock from the look at what is left until the spending is committed."""
    [locked] = _LOCKED(payment.pk)
    return locked


def _lock(pk: int) -> QuerySet[Payment]:
    return Payment.objects.select_for_update(of=("self",), no_key=True).select_related("account").filter(pk=pk)


_LOCKED = Compiled(_lock)


def _refuse_for_now(payment: Payment, terms: Terms, seen_left: int, locale: str) -> Refundable:
    now = refundable(payment, payment.account)
    if now.barrier is not None:
        raise RefundBarred(now.barrier)
    if now.left != seen_left:
        raise RemainderChanged(now)
    if terms.money.minor > now.left:
        raise RefundExceedsRemaining(now.left)
    adapter(payment.account.provider).check_amount(terms.money, locale=locale)
    return now


def _request(locked: Payment, terms: Terms, by: Actor) -> MoneyCommand:
    key = uuid.uuid4()
    return request_command(
        kind=CommandKind.REFUND,
        key=key,
        public_id=new_id(Refund.PREFIX),
        payment=locked,
        money=terms.money,
        parameters=parameters_of(locked, terms, key),
        reason=terms.reason,
        note=terms.note,
        by=by,
    )


def parameters_of(payment: Payment, terms: Terms, key: UUID) -> dict[str, Any]:
    """What is frozen of a refund: see refunds.send and refunds.receipts."""
    return {
        "charge": payment.external_charge_id,
        "amount": terms.money.minor,
        "currency": terms.money.currency,
        "reason": told_to_processor(terms.reason, block_customer=terms.block_customer),
        "metadata": {METADATA: str(key)},
        "receipt": terms.receipt,
    }
