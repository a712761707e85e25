"""Events about early fraud warnings."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from billing.mirror.fold import Shape
from billing.mirror.registry import mirrored
from billing.payments.activity import About
from billing.payments.children import mirror_children
from billing.providers.base import Kind
from billing.providers.events import WarningObserved
from billing.webhooks.handlers import Inbound, Result, handler
from disputes.warnings.models import EarlyWarning

_COPIED = ("charge_id", "fraud_type", "actionable", "created_at")


def _values(event: WarningObserved) -> Mapping[str, Any]:
    return {name: getattr(event, name) for name in _COPIED}


def _about(event: WarningObserved, payment_id: int) -> About:
    return About(
        payment_id=payment_id,
        status="actionable" if event.actionable else "",
        amount=0,
        currency="",
        charge_id=event.charge_id,
        object_id=event.external_id,
        note=event.fraud_type,
        born_as="radar.early_fraud_warning.created",
        born_at=event.created_at,
    )


WARNINGS = Shape(Kind.WARNING, EarlyWarning, _values)
mirrored(Kind.WARNING, EarlyWarning, told=_values, open=Q(actionable=True))


@handler(WarningObserved)
def mirror_warnings(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    results, _ = mirror_children(batch, WARNINGS, about=_about)
    return results
