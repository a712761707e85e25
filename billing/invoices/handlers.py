"""Events about the processor's invoices."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from billing.invoices.models import ProviderInvoice
from billing.mirror.fold import Shape, fold
from billing.mirror.registry import mirrored
from billing.providers.base import Kind
from billing.providers.events import InvoiceObserved
from billing.webhooks.handlers import Inbound, Result, handler

_COPIED = (
    *("deleted", "number", "customer_id", "customer_email", "currency", "subtotal", "tax", "total", "amount_due"),
    *("amount_paid", "amount_remaining", "description", "due_at", "finalized_at", "paid_at", "created_at", "metadata"),
)


def _values(event: InvoiceObserved) -> Mapping[str, Any]:
    return {
        **{name: getattr(event, name) for name in _COPIED},
        "provider_status": event.status,
        "lines": [list(line) for line in event.lines],
    }


def _is_stub(event: InvoiceObserved) -> bool:
    return event.deleted and event.created_at is None


INVOICES = Shape(Kind.INVOICE, ProviderInvoice, _values, _is_stub)
_OPEN = Q(provider_status__in=["draft", "open", "uncollectible"], deleted=False)
mirrored(Kind.INVOICE, ProviderInvoice, told=_values, leaves=_is_stub, open=_OPEN)


@handler(InvoiceObserved)
def mirror_invoices(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    return {each.item.row_id: each.result(Kind.INVOICE) for each in fold(batch, INVOICES)}
