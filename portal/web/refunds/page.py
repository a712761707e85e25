"""Everything that the page of one refund shows: what the processor tells of it, and how it was asked for here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import SimpleLazyObject

from billing.approvals.models import Approval
from billing.commands.models import UNANSWERED, UNSENT, Call, CommandBatch, CommandState, MoneyCommand, Reply
from billing.commands.queries import decisions_on, ended_by
from billing.payments.models import Payment
from billing.refunds.models import CAME_BACK, Refund, RefundReceipt
from billing.refunds.queries import RefundRecord
from billing.refunds.receipts import receipts_of
from portal.web.approvals.members import in_order
from portal.web.json_text import redacted
from portal.web.payments.called import called
from portal.web.payments.deciding import decide_urls
from portal.web.payments.follow_ups import reason_text
from portal.web.payments.page import PaymentPage
from portal.web.payments.receipts import with_receipts
from portal.web.payments.released import released_sentence
from portal.web.payments.timeline import Line
from portal.web.reasons import REFUND_REASONS, refund_trouble, request_failure, words_of
from portal.web.refunds.lines import RefundLines
from portal.web.refunds.receipt import ReceiptPanel

PAGE, SUMMARY = "components/refunds/detail.html", "summary"


@dataclass(frozen=True)
class RefundFace:
    """Where the page stands, below ``base_url``, and what the reader may do there. ``back`` is where they came from,
    and ``batches_url`` where pages of several refunds are, empty for whom there are none."""

    base_url: str
    back: str
    may_withdraw: Callable[[MoneyCommand], bool]
    may_send_receipts: bool = False
    batches_url: str = ""


@dataclass(frozen=True)
class RefundPage:
    """``payments`` is the page of its payment, which knows who may see whom. Without ``command`` it was asked for
    elsewhere; without ``refund`` the processor has made none, or not yet."""

    record: RefundRecord
    payments: PaymentPage
    face: RefundFace

    @property
    def command(self) -> MoneyCommand | None:
        return self.record.request

    @property
    def refund(self) -> Refund | None:
        return self.record.refund

    @property
    def payment(self) -> Payment:
        return self.payments.payment

    @property
    def facts(self) -> Refund | MoneyCommand:
        return self.record.facts

    @property
    def context(self) -> dict[str, Any]:
        lazy = SimpleLazyObject(lambda: self.payments.context)
        zone = self.payments.merchant.zone
        return {"page": self, "payment_page": lazy, "zone": zone, "zone_name": str(zone)}

    # --- Addresses ---
    @property
    def url(self) -> str:
        return f"{self.face.base_url}{self.facts.public_id}/"

    @property
    def suffix(self) -> str:
        return f"?{urlencode({'back': self.face.back}, safe='/')}" if self.face.back else ""

    @property
    def payment_url(self) -> str:
        return f"{self.payments.url}{self.suffix}"

    @property
    def again_url(self) -> str:
        """Where another one is asked for, for those who may."""
        return self.payments.refund_action.url

    @property
    def events_url(self) -> str:
        return self.payments.events_url

    # --- What it is in ---
    @property
    def badge(self) -> tuple[str, str]:
        """Which words of reports.status: ours until the processor has made a refund."""
        facts = self.facts
        if isinstance(facts, MoneyCommand):
            return "command", facts.command_state
        return "refund", facts.provider_status

    @property
    def state(self) -> str:
        """Of the request, while no refund is known."""
        return "" if self.refund is not None else self.badge[1]

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on the request."""
        return self.command is not None and self.command.settled_at is None

    @property
    def changes(self) -> bool:
        """Whether the customer gets the money, or may yet: then more may be told of it."""
        if self.refund is not None:
            return self.refund.provider_status not in CAME_BACK
        return self.is_open

    @property
    def listens(self) -> bool:
        """Whether what it tells may change while somebody looks."""
        return self.changes or self.receipt.is_waiting

    @property
    def triggers(self) -> str:
        """When it asks for itself anew; empty where it never does."""
        return ", ".join(filter(None, ["live" if self.listens else "", self.payments.triggers]))

    @property
    def batch(self) -> CommandBatch | None:
        """With what it was asked for; None for one that was asked for alone."""
        return self.command.batch if self.command is not None else None

    @property
    def batch_url(self) -> str:
        return f"{self.face.batches_url}{self.batch.public_id}/" if self.batch and self.face.batches_url else ""

    @property
    def may_withdraw(self) -> bool:
        command = self.command
        if command is None or (self.batch is not None and self.state == CommandState.REQUESTED):
            # All of a batch is decided together, and so withdrawn.
            return False
        return self.state in UNSENT and self.face.may_withdraw(command)

    @cached_property
    def decide_url(self) -> str:
        """Where it is decided on; empty where nobody has to, or not the reader."""
        command = self.command
        return decide_urls(self.payments.face, [command]).get(command.public_id, "") if command is not None else ""

    @property
    def trouble(self) -> str:
        """Why it failed or waits, as a part of a sentence."""
        refund = self.refund
        if refund is None:
            return ""
        return refund_trouble(refund.provider_status, refund.failure_reason, refund.pending_reason)

    @property
    def released(self) -> str:
        """Why it is no refund, though the processor calls it so; empty for one that is."""
        release = self.payments.releases.get(self.external_id)
        return released_sentence(release) if release is not None else ""

    @property
    def request_trouble(self) -> str:
        """Why the request came to nothing, in a sentence."""
        command = self.command
        if command is None or command.command_state != CommandState.FAILED:
            return ""
        return request_failure(command.failure_code, command.failure_message)

    # --- Speaking with the processor ---
    @property
    def last_asked_at(self) -> datetime | None:
        """When the processor was last asked what came of it."""
        return next((each.began_at for each in reversed(self.record.exchanges) if each.call == Call.ASK), None)

    @property
    def asked_next_at(self) -> datetime | None:
        if self.command is None or self.command.command_state not in UNANSWERED:
            return None
        return self.command.next_attempt_at

    @property
    def was_put_off(self) -> bool:
        """Whether it went out, and the processor did not take it."""
        return bool(self.record.exchanges) and self.record.exchanges[-1].reply == Reply.NOT_EXECUTED

    # --- Facts ---
    @property
    def reason(self) -> str:
        if self.command is not None:
            return reason_text(self.command.reason)
        return words_of(self.refund.reason, REFUND_REASONS) if self.refund else ""

    @property
    def told_as_fraud(self) -> bool:
        """Whether the processor was told, or is to be, that the payment was fraudulent."""
        return self.command is not None and self.command.parameters.get("reason") == "fraudulent"

    @property
    def note(self) -> str:
        return self._told(self.command.note) if self.command is not None else ""

    @cached_property
    def comment(self) -> str:
        """Of whoever decided."""
        return self._told(self._decision.comment) if self._decision is not None else ""

    @cached_property
    def _decision(self) -> Approval | None:
        found = decisions_on([self.command]) if self.command is not None else {}
        return next(iter(found.values()), None)

    def _told(self, text: str) -> str:
        masked = self.payments.is_masked
        return str(redacted(text, personal=masked, names=self._names if masked else ())) if text else ""

    @cached_property
    def _names(self) -> Sequence[str]:
        """Whom texts may name: what was said of a batch, every customer of it."""
        if self.batch is None:
            return self.payments.names
        return [each.payment.customer_name for each in in_order(self.batch, "payment")]

    @cached_property
    def receipt(self) -> ReceiptPanel:
        """What its customer was told, or is to be."""
        may_ask = self.face.may_send_receipts and not self.released
        return ReceiptPanel(self.record, self.receipts, self.payments.is_masked, may_ask)

    @cached_property
    def receipts(self) -> Sequence[RefundReceipt]:
        return receipts_of(self.refund) if self.refund is not None else []

    @property
    def at(self) -> datetime:
        facts = self.command or self.facts
        return facts.requested_at if isinstance(facts, MoneyCommand) else facts.created_at

    @property
    def arn(self) -> str:
        return self.refund.arn if self.refund is not None else ""

    @property
    def external_id(self) -> str:
        return self.refund.external_id if self.refund is not None else ""

    @cached_property
    def timeline(self) -> Sequence[Line]:
        zone = self.payments.merchant.zone
        about = (self.record, self.payments.record, zone, self._decision, self._ended_by, self.payments.releases)
        return with_receipts(RefundLines(*about).tell(), self.receipts)

    @property
    def _ended_by(self) -> str:
        """Empty for one that no person ended."""
        found = ended_by([self.command]) if self.command is not None else {}
        return next((called(*who) for who in found.values()), "")
