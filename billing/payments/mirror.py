"""Fold snapshots of intents and charges into payments, in any order, any number of times."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from billing.mirror.ask import Wanted, ask
from billing.mirror.fold import Ref
from billing.mirror.order import key_of, stamp, weigh
from billing.payments.activity import About, about_payment, write_activity
from billing.payments.answered import settle_holds
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.working_set import WorkingSet
from billing.providers.base import Kind
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Effect, Inbound, Result
from billing.webhooks.models import Outcome

_OF_THE_PAYMENT_ITSELF = ("external_id", "status", "rank", "final", "known")
_OF_THE_INTENT = [field.name for field in fields(IntentObserved) if field.name not in _OF_THE_PAYMENT_ITSELF]
_COPIED = (
    *("status", "amount", "currency", "amount_captured", "amount_refunded", "captured", "description"),
    *("statement_descriptor", "failure_code", "decline_code", "failure_message", "outcome_type", "risk_level"),
    *("risk_score", "balance_transaction_id", "metadata", "created_at"),
)
_CARD = ("method_type", "brand", "last4", "exp_month", "exp_year", "fingerprint", "wallet")


def mirror(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    """Apply a batch inside the caller's transaction; NO_CHANGE where what is here is as new or newer."""
    work = WorkingSet(merchants={item.merchant.pk: item.merchant for item in batch})
    work.load(
        payments={_home(item) for item in batch},
        charges={_ref(item) for item in batch if isinstance(item.event, ChargeObserved)},
    )
    touched = [_apply(work, item) for item in batch]
    work.save()
    settle_holds(one.payment for one in touched if one.payment.pk)
    results = {one.item.row_id: one.result() for one in touched}
    write_activity((one.item, _about(work, one), results[one.item.row_id]) for one in touched)
    ask(Wanted(one.item.account_id, one.kind, one.item.event.external_id, one.doubt) for one in touched if one.doubt)
    return results


class _Touched:
    """One snapshot and what became of it. ``before`` is None where the snapshot made its row."""

    def __init__(self, item: Inbound, payment: Payment, doubt: str) -> None:
        self.item, self.payment, self.doubt = item, payment, doubt
        self.is_intent = isinstance(item.event, IntentObserved)
        self.kind = Kind.INTENT if self.is_intent else Kind.CHARGE
        self.changed = False
        self.before: dict[str, Any] | None = None
        self.after: dict[str, Any] = {}

    def result(self) -> Result:
        if not self.changed:
            return Result(Outcome.NO_CHANGE)
        what = "changed" if self.before else "created"
        kind = "payment" if self.is_intent else "attempt"
        changes = {}
        if self.item.asked and self.before:
            old = self.before
            changes = {name: (old[name], new) for name, new in self.after.items() if old.get(name) != new}
        return Result(Outcome.CHANGED, (Effect(what, kind, self.payment.public_id),), changes)


def _about(work: WorkingSet, one: _Touched) -> About:
    event = cast(IntentObserved | ChargeObserved, one.item.event)
    # A charge may have moved to another payment later in its batch.
    attempt = None if one.is_intent else work.attempt(_ref(one.item))
    payment = attempt.payment if attempt else one.payment
    return about_payment(payment.pk, event)


def _apply(work: WorkingSet, item: Inbound) -> _Touched:
    if isinstance(item.event, IntentObserved):
        return _apply_intent(work, item, item.event)
    return _apply_charge(work, item, cast(ChargeObserved, item.event))


def _apply_intent(work: WorkingSet, item: Inbound, event: IntentObserved) -> _Touched:
    payment = work.payment(_ref(item), merchant=item.merchant, livemode=item.livemode)
    snapshot = _snapshot(event)
    shown = key_of(payment)
    same = shown is not None and (payment.provider_status, payment.intent) == (event.status, snapshot)
    weighing = weigh(payment, item, same=same)
    one = _Touched(item, payment, weighing.doubt)
    if not weighing.applies:
        return one
    one.changed = not same
    one.before = shown_of_intent(payment) if shown is not None else None
    one.after = told_of_intent(event)
    payment.provider_status, payment.intent = event.status, snapshot
    stamp(payment, item)
    if one.changed or shown != key_of(payment):
        work.touch(payment)
    return one


def _snapshot(event: IntentObserved) -> dict[str, Any]:
    snapshot: dict[str, Any] = {name: getattr(event, name) for name in _OF_THE_INTENT}
    snapshot["created_at"] = event.created_at.isoformat()
    return snapshot


def told_of_intent(event: IntentObserved) -> dict[str, Any]:
    """What an intent's snapshot says, as a payment shows it."""
    return {"status": event.status, **_snapshot(event)}


def shown_of_intent(payment: Payment) -> dict[str, Any]:
    return {"status": payment.provider_status, **payment.intent}


def _apply_charge(work: WorkingSet, item: Inbound, event: ChargeObserved) -> _Touched:
    ref = _ref(item)
    attempt = work.attempt(ref)
    placed = False
    # A charge that names two intents keeps the greater id, so that every order of events ends alike. A payment made
    # for the charge alone is given up once the intent is learnt.
    intent_id = max(event.intent_id, attempt.intent_id if attempt else "")
    if attempt is None or attempt.intent_id != intent_id:
        attempt = attempt or PaymentAttempt(account_id=item.account_id, external_id=event.external_id)
        attempt.intent_id = intent_id
        home = (item.account_id, intent_id or event.external_id)
        work.put(ref, attempt, work.payment(home, merchant=item.merchant, livemode=item.livemode))
        placed = True
    expires = event.expired and not attempt.expired
    if expires:
        # No later snapshot repeats it, and none takes it back.
        attempt.expired = True
        work.touch(attempt)
    shown, before, after = key_of(attempt), _values_of(attempt), told_of_charge(event)
    same = shown is not None and before == after
    weighing = weigh(attempt, item, same=same)
    one = _Touched(item, attempt.payment, weighing.doubt)
    one.changed = placed or expires
    if expires and shown is not None:
        one.before = before
    if weighing.applies:
        one.changed = one.changed or not same
        one.before, one.after = (before if shown is not None else None), after
        for name, value in after.items():
            setattr(attempt, name, value)
        stamp(attempt, item)
        if one.changed or shown != key_of(attempt):
            work.touch(attempt)
    return one


def told_of_charge(event: ChargeObserved) -> dict[str, Any]:
    """What an attempt shows of a charge, by the names of its columns."""
    values = {name: getattr(event, name) for name in _COPIED}
    values.update((name, getattr(event.card, name)) for name in _CARD)
    values["card_country"] = event.card.country
    values["customer_name"] = event.party.name
    values["customer_email"] = event.party.email
    values["customer_external_id"] = event.party.customer_id
    return values


_NAMES = (*_COPIED, *_CARD, "card_country", "customer_name", "customer_email", "customer_external_id")


def _values_of(attempt: PaymentAttempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in _NAMES}


def _home(item: Inbound) -> Ref:
    event = item.event
    if isinstance(event, ChargeObserved) and event.intent_id:
        return item.account_id, event.intent_id
    return _ref(item)


def _ref(item: Inbound) -> Ref:
    return item.account_id, item.event.external_id
