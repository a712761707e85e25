"""Events about intents and charges become payments and attempts."""

from collections.abc import Mapping, Sequence

from django.db.models import Q

from billing.mirror.registry import mirrored
from billing.payments.mirror import mirror
from billing.payments.models import Payment, PaymentAttempt
from billing.providers.base import Kind
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Inbound, Result, handler

_DONE = ("succeeded", "canceled", "")
mirrored(Kind.INTENT, Payment, open=~Q(provider_status__in=_DONE))
mirrored(Kind.CHARGE, PaymentAttempt, open=Q(status="pending") | Q(status="succeeded", captured=False))


@handler(IntentObserved, ChargeObserved)
def mirror_payments(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    return mirror(batch)
