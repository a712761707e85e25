"""Where a merchant's people see what their audit log names. Its rows tell no mode, so both are searched."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.commands.models import CommandBatch, CommandKind, MoneyCommand
from billing.customers.models import Customer
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.webhooks.models import WebhookEvent
from portal.web.audit.objects import Finder
from portal.web.nav import address


def finders_of(merchant: Merchant, can: Callable[[P], bool]) -> dict[str, Finder]:
    """For those kinds of objects whose pages the reader may open."""

    def finder(rows_of: Callable[[bool], Any], name: str, parameter: str) -> Finder:
        def find(ids: Collection[str]) -> Mapping[str, str]:
            return {
                public_id: address(
                    name, {"merchant": merchant.slug, "mode": "live" if livemode else "test", parameter: public_id}
                )
                for livemode in (True, False)
                for public_id in rows_of(livemode).filter(public_id__in=ids).values_list("public_id", flat=True)
            }

        return find

    def payments(livemode: bool) -> Any:
        return Payment.objects.for_merchant(merchant, livemode)

    def refunds(livemode: bool) -> Any:
        return MoneyCommand.objects.for_merchant(merchant, livemode).filter(kind=CommandKind.REFUND)

    def batches(livemode: bool) -> Any:
        return CommandBatch.objects.for_merchant(merchant, livemode)

    def customers(livemode: bool) -> Any:
        return Customer.objects.for_merchant(merchant, livemode)

    def events(livemode: bool) -> Any:
        return WebhookEvent.objects.for_merchant(merchant, livemode)

    def connections(livemode: bool) -> Any:
        return merchant.connections.filter(livemode=livemode)

    def approvals(livemode: bool) -> Any:
        return Approval.objects.for_merchant(merchant, livemode)

    known = (
        (P.APPROVALS_DECIDE, "approval", finder(approvals, "merchant:approval", "approval")),
        (P.PAYMENTS_VIEW, "payment", finder(payments, "merchant:transaction", "payment")),
        (P.PAYMENTS_VIEW, "refund", finder(refunds, "merchant:refund", "refund")),
        (P.PAYMENTS_VIEW, "refund_batch", finder(batches, "merchant:batch", "batch")),
        (P.CUSTOMERS_VIEW, "customer", finder(customers, "merchant:customer", "customer")),
        (P.EVENTS_VIEW, "webhook_event", finder(events, "merchant:event", "event")),
        (P.CONNECTIONS_VIEW, "connection", finder(connections, "merchant:connection", "connection")),
    )
    return {kind: find for verb, kind, find in known if can(verb)}
