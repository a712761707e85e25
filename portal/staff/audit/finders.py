"""Where staff see what the audit log names."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.urls import reverse

from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.commands.models import CommandKind, MoneyCommand
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent
from portal.web.audit.objects import Finder


def finders_of(can: Callable[[P], bool]) -> dict[str, Finder]:
    """For those kinds of objects whose pages the reader may open."""

    def finder(rows: Any, name: str, parameter: str, column: str = "public_id") -> Finder:
        def find(ids: Collection[str]) -> Mapping[str, str]:
            found = rows.filter(public_id__in=ids).values_list("public_id", column)
            return {public_id: reverse(name, kwargs={parameter: value}) for public_id, value in found}

        return find

    known = (
        (P.OPS_APPROVALS_DECIDE, "approval", finder(Approval.objects.all(), "ops:approval", "approval")),
        (P.OPS_PAYMENTS_VIEW, "payment", finder(Payment.objects.all(), "ops:transaction", "payment")),
        *(
            (P.OPS_COMMANDS_VIEW, kind, finder(MoneyCommand.objects.all(), "ops:command", "command"))
            for kind in CommandKind
        ),
        (P.OPS_MERCHANTS_VIEW, "merchant", finder(Merchant.objects.all(), "ops:merchant", "merchant", "slug")),
        (P.OPS_EVENTS_VIEW, "webhook_event", finder(WebhookEvent.objects.all(), "ops:event", "event")),
        (P.OPS_SYSTEM_VIEW, "connection", finder(ProviderAccount.objects.all(), "ops:connection", "connection")),
    )
    return {kind: find for verb, kind, find in known if can(verb)}
