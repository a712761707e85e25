"""Fold snapshots of intents and charges into payments, in any order, any number of times."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from django.db import connection

from billing.payments.models import Payment, PaymentAttempt
from billing.payments.order import Key, stamp, supersedes
from billing.payments.working_set import Ref, WorkingSet
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Inbound
from billing.webhooks.models import Outcome

_OF_THE_PAYMENT_ITSELF = ("external_id", "status", "rank", "final")
_OF_THE_INTENT = [field.name for field in fields(IntentObserved) if field.name not in _OF_THE_PAYMENT_ITSELF]
_ADD_ACTIVITY = """
INSERT INTO payment_activity
       (payment_id, event_id, charge_id, type, occurred_at, status, amount, currency, note)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::bigint[],
                     %s::text[], %s::text[])
    ON CONFLICT DO NOTHING
"""


def mirror(batch: Sequence[Inbound]) -> Mapping[int, Outcome]:
    """Apply a batch inside the caller's transaction; NO_CHANGE where what is here is as new or newer."""
    work = WorkingSet(merchants={item.merchant.pk: item.merchant for item in batch})
    work.load(
        payments={_home(item) for item in batch},
        charges={_ref(item) for item in batch if isinstance(item.event, ChargeObserved)},
    )
    outcomes, touched = {}, []
    for item in batch:
        if isinstance(item.event, IntentObserved):
            payment, changed = _apply_intent(work, item, item.event)
        else:
            payment, changed = _apply_charge(work, item, item.event)
        touched.append((payment, item))
        outcomes[item.row_id] = Outcome.CHANGED if changed else Outcome.NO_CHANGE
    work.save()
    _write_activity(work, touched)
    return outcomes


def _apply_intent(work: WorkingSet, item: Inbound, event: IntentObserved) -> tuple[Payment, bool]:
    payment = work.payment(_ref(item), merchant=item.merchant, livemode=item.livemode)
    key: Key = (event.final, item.occurred_at, event.rank, item.external_id)
    if not supersedes(payment, key):
        return payment, False
    snapshot: dict[str, Any] = {name: getattr(event, name) for name in _OF_THE_INTENT}
    snapshot["created_at"] = event.created_at.isoformat()
    changed = (payment.provider_status, payment.intent) != (event.status, snapshot) or not payment.order_event
    newer = payment.order_event != item.external_id
    payment.provider_status, payment.intent = event.status, snapshot
    stamp(payment, key, item.row_id)
    if changed or newer:
        work.touch(payment)
    return payment, changed


def _apply_charge(work: WorkingSet, item: Inbound, event: ChargeObserved) -> tuple[Payment, bool]:
    ref = _ref(item)
    attempt = work.attempt(ref)
    changed = False
    # A charge that names two intents keeps the greater id, so that every order of events ends alike. A payment made
    # for the charge alone is given up once the intent is learnt.
    intent_id = max(event.intent_id, attempt.intent_id if attempt else "")
    if attempt is None or attempt.intent_id != intent_id:
        attempt = attempt or PaymentAttempt(account_id=item.account_id, external_id=event.external_id)
        attempt.intent_id = intent_id
        home = (item.account_id, intent_id or event.external_id)
        work.put(ref, attempt, work.payment(home, merchant=item.merchant, livemode=item.livemode))
        changed = True
    key: Key = (False, item.occurred_at, event.rank, item.external_id)
    if supersedes(attempt, key):
        before = _values(attempt)
        newer = attempt.order_event != item.external_id
        _copy(event, attempt)
        stamp(attempt, key, item.row_id)
        changed = changed or before != _values(attempt)
        if changed or newer:
            work.touch(attempt)
    return attempt.payment, changed


def _copy(event: ChargeObserved, attempt: PaymentAttempt) -> None:
    for name in _COPIED:
        setattr(attempt, name, getattr(event, name))
    for name in _CARD:
        setattr(attempt, name, getattr(event.card, name))
    attempt.card_country = event.card.country
    attempt.customer_name = event.party.name
    attempt.customer_email = event.party.email
    attempt.customer_external_id = event.party.customer_id


_COPIED = (
    *("status", "amount", "currency", "amount_captured", "amount_refunded", "captured", "description"),
    *("statement_descriptor", "failure_code", "decline_code", "failure_message", "outcome_type", "risk_level"),
    *("risk_score", "metadata", "created_at"),
)
_CARD = ("method_type", "brand", "last4", "exp_month", "exp_year", "fingerprint", "wallet")


def _values(attempt: PaymentAttempt) -> tuple[Any, ...]:
    party = (attempt.card_country, attempt.customer_name, attempt.customer_email, attempt.customer_external_id)
    return (*party, *(getattr(attempt, name) for name in _COPIED + _CARD))


def _write_activity(work: WorkingSet, touched: Sequence[tuple[Payment, Inbound]]) -> None:
    """One line of the timeline an event. It depends on the event alone, so that order and replay change nothing."""
    lines = []
    for payment, item in touched:
        event = item.event
        attempt = work.attempt(_ref(item)) if isinstance(event, ChargeObserved) else None
        lines.append(
            (
                attempt.payment.pk if attempt else payment.pk,
                item.row_id,
                event.external_id if attempt else "",
                item.type,
                item.occurred_at,
                event.status,
                _amount(event),
                event.currency,
                event.failure_message,
            )
        )
    with connection.cursor() as cursor:
        cursor.execute(_ADD_ACTIVITY, [list(column) for column in zip(*lines, strict=True)])


def _amount(event: IntentObserved | ChargeObserved) -> int:
    if isinstance(event, ChargeObserved):
        return event.amount_refunded or event.amount_captured or event.amount
    return event.amount_received or event.amount


def _home(item: Inbound) -> Ref:
    event = item.event
    if isinstance(event, ChargeObserved) and event.intent_id:
        return item.account_id, event.intent_id
    return _ref(item)


def _ref(item: Inbound) -> Ref:
    return item.account_id, item.event.external_id
