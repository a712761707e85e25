"""What a run writes down: what was not as the processor has it."""

from collections.abc import Iterable, Mapping
from typing import Any

from billing import clock
from billing.mirror import registry
from billing.payments.models import PaymentAttempt
from billing.providers.base import Kind
from billing.providers.events import NeutralEvent
from billing.sync.models import Finding, FindingKind, SyncRun
from billing.webhooks.handlers import Inbound, Result

_LONGEST = 2_000
REPAIRED = "Brought here from the processor."


def finding(run: SyncRun, kind: FindingKind, about: NeutralEvent | None, **fields: Any) -> Finding:
    """A new one, not stored yet, with the amount that its object speaks of."""
    amount, currency = amount_of(run, about)
    account = run.account
    values: dict[str, Any] = {
        "object_id": about.external_id if about else "",
        "occurred_at": getattr(about, "created_at", None),
        "found_at": clock.now(),
        **fields,
    }
    return Finding(
        account=account,
        merchant_id=account.merchant_id,
        livemode=account.livemode,
        run=run,
        kind=kind,
        amount=amount,
        currency=currency,
        **values,
    )


def amount_of(run: SyncRun, event: NeutralEvent | None) -> tuple[int | None, str]:
    """What the object is about, in minor units: its own amount, or that of the charge that it names. What is left of a
    deleted invoice names no currency, and has none."""
    currency = getattr(event, "currency", "")
    for name in ("amount", "total") if currency else ():
        amount = getattr(event, name, None)
        if amount is not None:
            return amount, currency
    charge_id = getattr(event, "charge_id", "")
    if charge_id:
        charge = PaymentAttempt.objects.filter(account_id=run.account_id, external_id=charge_id)
        return charge.values_list("amount", "currency").first() or (None, "")
    return None, ""


def unreadable(run: SyncRun, kind: Kind, object_id: str, why: str, event: NeutralEvent | None = None) -> Finding:
    """An object that is at the processor and cannot be shown here."""
    told = {"object_type": kind.value, "object_id": _words(object_id)[:255]}
    return finding(run, FindingKind.ABSENT, event, **told, cause=f"The object cannot be read: {why}"[:300])


def changes(run: SyncRun, kind: Kind, item: Inbound, result: Result, cause: str) -> list[Finding]:
    """What bringing an object here made or changed: one line an object that was not here, else one a field."""
    told = {"object_type": kind.value, "cause": cause, "repair": REPAIRED, "repaired_at": clock.now()}
    if not result.effects:
        return []
    if not result.changes:
        return [finding(run, FindingKind.ABSENT, item.event, **told)]
    return differences(run, kind, item.event, result.changes, **told)


def differences(
    run: SyncRun, kind: Kind, event: NeutralEvent, pairs: Mapping[str, tuple[Any, Any]], **told: Any
) -> list[Finding]:
    told["object_type"] = kind.value
    return [
        finding(run, FindingKind.DIFFERENT, event, field=name[:60], ours=_words(ours), theirs=_words(theirs), **told)
        for name, (ours, theirs) in sorted(pairs.items())
    ]


def store(found: Iterable[Finding]) -> None:
    Finding.objects.bulk_create(found, batch_size=500)


def row_of(run: SyncRun, kind: Kind, object_id: str) -> Any:
    """Our row of an object, or None."""
    return registry.of(kind).rows.filter(account_id=run.account_id, external_id=object_id).first()


def _words(value: Any) -> str:
    # Whatever a processor calls an object, PostgreSQL holds neither NUL nor half of a surrogate pair.
    text = "" if value is None else str(value)[:_LONGEST]
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
