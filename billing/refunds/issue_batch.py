"""Asks for refunds of several payments at once: all that is left of each, approved by one second person."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.audit.actor import Actor
from billing.commands.batch import request_batch
from billing.commands.models import CommandBatch, CommandKind
from billing.commands.needs import count_alone
from billing.commands.request import Order, tidy_note
from billing.idempotency.guard import once
from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.money import DEFAULT_LOCALE, Money
from billing.payments.models import Payment
from billing.providers.base import AmountRefused
from billing.providers.registry import adapter
from billing.refunds.issue import ReasonUnexplained, Terms, parameters_of
from billing.refunds.models import Refund
from billing.refunds.queries import Barrier, refundables
from billing.refunds.reasons import RefundReason
from billing.retry import commit

# Payments in one batch: somebody reads each line of it before they approve.
MOST = 100


class BatchEmpty(ValueError):
    """Nothing to give back."""


class BatchTooLarge(ValueError):
    """More than MOST payments."""


class CurrenciesDiffer(ValueError):
    """Sums are of one currency."""


class BatchChanged(Exception):
    """Something of the payments is not as it was shown; nothing was asked for."""


@dataclass(frozen=True, slots=True)
class Share:
    """One payment of a batch and what is ``left`` of it, in minor units; ``barrier`` says why it cannot be given back,
    an AmountRefused where the processor does not take such an amount."""

    payment: Payment
    left: int
    barrier: Barrier | AmountRefused | None


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """As Terms, of each payment alike. Whom the processor should block is decided for each alone."""

    reason: RefundReason
    note: str = ""
    receipt: bool = False


def shares_of(
    merchant: Merchant, livemode: bool, payments: Sequence[str], *, locale: str = DEFAULT_LOCALE
) -> list[Share]:
    """How things stand with these payments, newest first, by their public ids; ids of nobody's and of other merchants'
    payments are left out."""
    rows = Payment.objects.for_merchant(merchant, livemode).filter(public_id__in=payments)
    found = list(rows.select_related("account").order_by("-created_at", "-id"))
    return _shares(found, locale)


def issue_batch(
    *,
    merchant: Merchant,
    livemode: bool,
    seen: Mapping[str, int],
    terms: BatchTerms,
    form_key: str,
    by: Actor,
    locale: str = DEFAULT_LOCALE,
) -> CommandBatch:
    """The batch, asked for once however often a form with this key is sent. ``seen`` is what was left of each payment
    when the person decided, in minor units, by public id: the same is given back, or nothing at all.

    Raises ReasonUnexplained, NoteTooLong, BatchEmpty, BatchTooLarge, CurrenciesDiffer, BatchChanged, KeyReused when the
    key came with another batch, KeyMalformed, StillLocked.
    """
    note = tidy_note(terms.note)
    if terms.reason is RefundReason.OTHER and not note:
        raise ReasonUnexplained
    if not seen:
        raise BatchEmpty
    if len(seen) > MOST:
        raise BatchTooLarge(f"{len(seen)} payments")

    def request() -> str:
        count_alone(by=by)
        locked = _locked(merchant, livemode, seen)
        _refuse_for_now(locked, seen, locale)
        orders = [_order(payment, seen[payment.public_id], terms) for payment in locked]
        return request_batch(kind=CommandKind.REFUND, orders=orders, reason=terms.reason, note=note, by=by).public_id

    sent = {
        "action": "refund.issue_batch",
        "livemode": livemode,
        "payments": dict(seen),
        "reason": str(terms.reason),
        "note": note,
        "receipt": terms.receipt,
        "by": by.id,
    }
    answer = commit(lambda: once(merchant_id=merchant.pk, key=f"batch {form_key}", request=sent, work=request))
    return CommandBatch.objects.for_merchant(merchant, livemode).get(public_id=answer.response)


def _locked(merchant: Merchant, livemode: bool, seen: Mapping[str, int]) -> list[Payment]:
    """In one order, so that no two wait for each other."""
    rows = Payment.objects.for_merchant(merchant, livemode).filter(public_id__in=seen).select_related("account")
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _refuse_for_now(locked: Sequence[Payment], seen: Mapping[str, int], locale: str) -> None:
    if len({payment.currency for payment in locked}) > 1:
        raise CurrenciesDiffer
    now = {share.payment.public_id: share.left for share in _shares(locked, locale) if share.barrier is None}
    if now != dict(seen):
        raise BatchChanged


def _shares(payments: Sequence[Payment], locale: str) -> list[Share]:
    shares = []
    for payment, now in zip(payments, refundables(payments).values(), strict=True):
        barrier = now.barrier or _refused(payment, now.left, locale)
        shares.append(Share(payment, now.left, barrier))
    return shares


def _refused(payment: Payment, left: int, locale: str) -> AmountRefused | None:
    try:
        adapter(payment.account.provider).check_amount(Money(left, payment.currency), locale=locale)
    except AmountRefused as refused:
        return refused
    return None


def _order(payment: Payment, minor: int, terms: BatchTerms) -> Order:
    key, money = uuid.uuid4(), Money(minor, payment.currency)
    of_one = Terms(money, terms.reason, receipt=terms.receipt)
    return Order(key, new_id(Refund.PREFIX), payment, money, parameters_of(payment, of_one, key))
