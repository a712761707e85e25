"""The page of one batch: how far it is, and what came of each of its refunds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404

from billing.access.verbs import P
from billing.approvals.models import Approval
from billing.approvals.queries import approval_of
from billing.commands.batch import approval_kind_of
from billing.commands.models import UNSENT, CommandBatch, CommandState, MoneyCommand
from billing.merchants.models import Merchant
from portal.access.people_seen import sees_people
from portal.merchant.lists import list_url
from portal.web.approvals.members import in_order
from portal.web.approvals.subjects import customer_of, method_of, payment_called
from portal.web.batches import Progress, progress_of
from portal.web.nav import address
from portal.web.payments.follow_ups import reason_text
from portal.web.reasons import request_failure
from portal.web.request import MerchantRequest

PAGE, SUMMARY = "merchant/batches/detail.html", "summary"


@dataclass(frozen=True, slots=True)
class Row:
    command: MoneyCommand
    called: str
    customer: str
    method: str
    trouble: str

    @property
    def amount(self) -> int:
        """As it leaves the balance."""
        return -self.command.amount


@dataclass(frozen=True)
class BatchPage:
    batch: CommandBatch
    merchant: Merchant
    can: Callable[[P], bool]
    by_person: bool

    @property
    def context(self) -> dict[str, Any]:
        return {"page": self, "zone": self.merchant.zone}

    @property
    def list_url(self) -> str:
        return list_url("refunds", self.merchant, self.batch.livemode)

    @property
    def url(self) -> str:
        return f"{self.list_url}batches/{self.batch.public_id}/"

    @cached_property
    def approval(self) -> Approval | None:
        return approval_of(approval_kind_of(self.batch.kind), self.batch.public_id)

    @property
    def approval_url(self) -> str:
        """Empty for who may not decide."""
        if self.approval is None or not self.can(P.APPROVALS_DECIDE):
            return ""
        place = {"merchant": self.merchant.slug, "mode": "live" if self.batch.livemode else "test"}
        return address("merchant:approval", {**place, "approval": self.approval.public_id})

    @cached_property
    def commands(self) -> Sequence[MoneyCommand]:
        return in_order(self.batch, "payment")

    @cached_property
    def rows(self) -> list[Row]:
        return [
            Row(
                command,
                payment_called(command.payment, by_person=self.by_person),
                customer_of(command.payment, by_person=self.by_person),
                method_of(command.payment),
                _trouble(command),
            )
            for command in self.commands
        ]

    @cached_property
    def progress(self) -> Progress:
        return progress_of(command.command_state for command in self.commands)

    @property
    def refunded(self) -> int:
        """What was carried out, in minor units."""
        return sum(each.amount for each in self.commands if each.command_state == CommandState.SUCCEEDED)

    @property
    def unsent(self) -> int:
        return sum(command.command_state in UNSENT for command in self.commands)

    @property
    def may_withdraw(self) -> bool:
        return bool(self.unsent) and self.can(P.REFUND_ISSUE)

    @property
    def reason(self) -> str:
        return reason_text(self.batch.reason)

    @property
    def sends_receipts(self) -> bool:
        return any(command.parameters.get("receipt") for command in self.commands)


def _trouble(command: MoneyCommand) -> str:
    if command.command_state != CommandState.FAILED:
        return ""
    return request_failure(command.failure_code, command.failure_message)


def open_batch(request: MerchantRequest, merchant: Merchant, livemode: bool, batch: str) -> BatchPage:
    """Raises Http404."""
    try:
        found = CommandBatch.objects.for_merchant(merchant, livemode).get(public_id=batch)
    except CommandBatch.DoesNotExist:
        raise Http404 from None
    return BatchPage(found, merchant, request.can, sees_people(request))
