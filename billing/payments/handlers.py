"""Events about intents and charges become payments and attempts."""

from collections.abc import Mapping, Sequence

from billing.payments.mirror import mirror
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Inbound, handler
from billing.webhooks.models import Outcome


@handler(IntentObserved, ChargeObserved)
def mirror_payments(batch: Sequence[Inbound]) -> Mapping[int, Outcome]:
    return mirror(batch)
