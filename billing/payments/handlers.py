"""Events about intents and charges become payments and attempts."""

from collections.abc import Mapping, Sequence

from django.db.models import Q

from billing.mirror.registry import mirrored
from billing.payments.mirror import mirror, shown_of_intent, told_of_charge, told_of_intent
from billing.payments.models import Payment, PaymentAttempt
from billing.providers.base import Kind
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Inbound, Result, handler

_DONE = ("succeeded", "canceled", "")
_HELD = Q(status="pending") | Q(status="succeeded", captured=False)
mirrored(Kind.INTENT, Payment, told=told_of_intent, shown=shown_of_intent, open=~Q(provider_status__in=_DONE))
mirrored(Kind.CHARGE, PaymentAttempt, told=told_of_charge, open=_HELD)


@handler(IntentObserved, ChargeObserved)
def mirror_payments(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    return mirror(batch)
