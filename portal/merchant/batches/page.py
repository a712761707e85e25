"""The page of one batch: how far it is, and what came of each of its refunds."""

from collections.abc import Callable, Mapping, Sequence
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
from billing.refunds.models import CAME_BACK, Refund
from portal.access.people_seen import sees_people
from portal.merchant.lists import list_url
from portal.web.approvals.members import in_order
from portal.web.approvals.subjects import customer_of, method_of, payment_called
from portal.web.batches import Progress, outcome, progress_of
from portal.web.json_text import redacted
from portal.web.nav import address
from portal.web.payments.follow_ups import reason_text
from portal.web.reasons import refund_trouble, request_failure
from portal.web.request import MerchantRequest

PAGE, SUMMARY = "merchant/batches/detail.html", "summary"


@dataclass(frozen=True, slots=True)
class Row:
    """``badge`` says what it is in by words of reports.status, ``trouble`` why nothing came of it."""

    command: MoneyCommand
    badge: tuple[str, str]
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
    # Whether texts are shown as somebody wrote them: as on the page of each refund, not in live mode.
    as_written: bool

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
                _badge(command, self.refunds.get(command.pk)),
                payment_called(command.payment, by_person=self.by_person),
                customer_of(command.payment, by_person=self.by_person),
                method_of(command.payment),
                _trouble(command, self.refunds.get(command.pk)),
            )
            for command in self.commands
        ]

    @cached_property
    def refunds(self) -> Mapping[int, Refund]:
        """What the processor made, by keys of commands. One that staff named has an id of its own."""
        of = {(each.account_id, each.external_id): each.pk for each in self.commands if each.external_id}
        known = Refund.objects.for_merchant(self.merchant, self.batch.livemode)
        accounts, ids = {account for account, _ in of}, [external_id for _, external_id in of]
        made = known.filter(account__in=accounts, external_id__among=ids)
        return {of[key]: each for each in made if (key := (each.account_id, each.external_id)) in of}

    @cached_property
    def progress(self) -> Progress:
        return progress_of(self._outcome(command) for command in self.commands)

    @property
    def refunded(self) -> int:
        """What was carried out, and did not come back, in minor units."""
        return sum(each.amount for each in self.commands if self._outcome(each) == CommandState.SUCCEEDED)

    @property
    def had_left_balance(self) -> bool:
        """Whether all that came back had been taken from the balance before."""
        return all(each.left_balance for each in self.refunds.values() if each.provider_status in CAME_BACK)

    def _outcome(self, command: MoneyCommand) -> str:
        refund = self.refunds.get(command.pk)
        came_back = refund is not None and refund.provider_status in CAME_BACK
        return outcome(command.command_state, command.external_id, came_back)

    @property
    def note(self) -> str:
        return self._told(self.batch.note)

    @property
    def comment(self) -> str:
        """Of whoever decided."""
        return self._told(self.approval.comment) if self.approval is not None else ""

    def _told(self, text: str) -> str:
        names = [command.payment.customer_name for command in self.commands]
        return str(redacted(text, personal=not self.as_written, names=names))

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


def _badge(command: MoneyCommand, refund: Refund | None) -> tuple[str, str]:
    """As the page of each has it: ours until the processor has made a refund."""
    return ("refund", refund.provider_status) if refund is not None else ("command", command.command_state)


def _trouble(command: MoneyCommand, refund: Refund | None) -> str:
    if refund is not None:
        trouble = refund_trouble(refund.provider_status, refund.failure_reason, refund.pending_reason)
        return trouble[:1].upper() + trouble[1:]
    if command.command_state != CommandState.FAILED:
        return ""
    return request_failure(command.failure_code, command.failure_message)


def open_batch(request: MerchantRequest, merchant: Merchant, livemode: bool, batch: str) -> BatchPage:
    """Raises Http404."""
    try:
        found = CommandBatch.objects.for_merchant(merchant, livemode).get(public_id=batch)
    except CommandBatch.DoesNotExist:
        raise Http404 from None
    as_written = not livemode and request.visit is None
    return BatchPage(found, merchant, request.can, sees_people(request), as_written)
