"""Objects that belong to a payment: find it, lock it, and keep what they make of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from billing.customers.models import belongs_to
from billing.mirror.fold import Folded, Ref, Shape, fold
from billing.payments.activity import About, write_activity
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.restate import Restate
from billing.payments.working_set import WorkingSet
from billing.webhooks.handlers import Inbound, Result
from billing.webhooks.models import Outcome
from billing.webhooks.parking import wake


def mirror_children(
    batch: Sequence[Inbound],
    shape: Shape[Any],
    *,
    about: Callable[[Any, int], About],
    restate: Restate | None = None,
    names: Callable[[Sequence[Inbound]], Mapping[int, str]] = lambda placed: {},
) -> tuple[Mapping[int, Result], list[Folded[Any]]]:
    """Fold snapshots whose payment is here, under its lock; park the others until their charge or intent comes.

    ``about`` gives the timeline's line of a snapshot and a payment's id. ``restate`` is asked about the payments whose
    children changed, after the children are written, and may answer with none. ``names`` gives, under the payments'
    lock, the public ids of children that were known here before the processor made them, by row id of the inbox.
    """
    homes = _homes(batch)
    placed = [item for item in batch if item.row_id in homes]
    homeless = [item for item in batch if item.row_id not in homes]
    results = {item.row_id: _without_home(item.event) for item in homeless}
    if homeless:
        transaction.on_commit(partial(_look_again, homeless))
    if not placed:
        return results, []
    work = WorkingSet(merchants={item.merchant.pk: item.merchant for item in placed})
    payments = work.load_by_id(homes[item.row_id] for item in placed)
    folded = fold(
        placed,
        shape,
        parents={item.row_id: {"payment_id": homes[item.row_id]} for item in placed},
        names=names(placed),
        tells=lambda row: _owners(payments[row.payment_id]),
    )
    results.update((one.item.row_id, one.result(shape.kind)) for one in folded)
    write_activity((one.item, about(one.item.event, one.row.payment_id), results[one.item.row_id]) for one in folded)
    if restate is not None:
        _restate(work, payments, restate([one.row.payment_id for one in folded if one.changed]))
        work.save()
    return results, folded


def _owners(payment: Payment) -> dict[str, str]:
    return {"payment": payment.public_id, **belongs_to(payment.customer_external_id)}


def _without_home(event: Any) -> Result:
    parent = _parent(event)
    if not parent:
        # A refund of what lay in a customer's cash balance belongs to no payment, and never will.
        return Result(Outcome.IGNORED)
    return Result(Outcome.PARKED, waits_for=parent)


def _look_again(homeless: Sequence[Inbound]) -> None:
    """Wake those whose parent came while they were parked, when neither transaction saw the other."""
    homes = _homes(homeless)
    wake((item.account_id, _parent(item.event)) for item in homeless if item.row_id in homes)


def _parent(event: Any) -> str:
    external_id: str = event.charge_id or event.intent_id
    return external_id


def _restate(work: WorkingSet, payments: Mapping[int, Payment], told: Mapping[int, Mapping[str, Any]]) -> None:
    for payment_id, columns in told.items():
        payment = payments[payment_id]
        changed = {name: value for name, value in columns.items() if getattr(payment, name) != value}
        for name, value in changed.items():
            setattr(payment, name, value)
        if changed:
            work.touch(payment)


def _homes(batch: Sequence[Inbound]) -> dict[int, int]:
    """The payment's id by inbox row: by charge where one is named, else by intent."""
    accounts = {item.account_id for item in batch}
    events: dict[int, Any] = {item.row_id: item.event for item in batch}
    charges = _ids(PaymentAttempt, "payment_id", accounts, {event.charge_id for event in events.values()})
    intents = _ids(Payment, "pk", accounts, {event.intent_id for event in events.values() if not event.charge_id})
    homes = {}
    for item in batch:
        event = events[item.row_id]
        known = charges if event.charge_id else intents
        payment_id = known.get((item.account_id, event.charge_id or event.intent_id))
        if payment_id is not None:
            homes[item.row_id] = payment_id
    return homes


def _ids(model: Any, column: str, accounts: Iterable[Any], external_ids: set[str]) -> dict[Ref, int]:
    wanted = external_ids - {""}
    if not wanted:
        return {}
    rows = model.objects.filter(account_id__in=accounts, external_id__in=wanted)
    return {
        (account, external): found for account, external, found in rows.values_list("account_id", "external_id", column)
    }
