"""Everything that whoever decides must have seen of one request."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.approvals.models import Approval
from billing.approvals.persons import is_same_person
from billing.approvals.queries import is_waiting
from billing.commands.models import CommandBatch, CommandKind, MoneyCommand
from billing.limits.models import LimitChange
from billing.payments.hold import Hold, HoldBarrier, hold_of
from billing.payments.models import Payment
from billing.payments.queries import lapse_of
from billing.providers.base import Lapse
from billing.refunds.queries import Refundable, refundable
from billing.refunds.receipts import wants_receipt
from portal.web.approvals.desk import Desk
from portal.web.approvals.forms import DecisionForm
from portal.web.approvals.members import Member, members_of, trouble_of
from portal.web.approvals.second_person import deciders
from portal.web.approvals.subjects import REFUND_BATCH, customer_of, method_of, roles_of, subjects_of
from portal.web.approvals.words import decided, status_value, why
from portal.web.json_text import redacted
from portal.web.limits import WHAT_IS_LIMITED, limit_money
from portal.web.payments.follow_ups import reason_text
from portal.web.payments.holding import cancel_reason
from reports.dates import left_text
from reports.templatetags.money import money, number
from reports.templatetags.status import status

DETAIL = "components/approvals/detail.html"
_HOLD_TROUBLES = {
    HoldBarrier.CAPTURED: _("The payment was captured meanwhile: what is asked for would fail."),
    HoldBarrier.CANCELLED: _("The authorisation was cancelled meanwhile: what is asked for would fail."),
    HoldBarrier.EXPIRED: _("The authorisation has expired meanwhile: what is asked for would fail."),
    HoldBarrier.NOT_CONNECTED: _("The connection to the processor has ended: what is asked for would fail."),
}


class ApprovalPage:
    """``problem`` says why nothing was done."""

    def __init__(self, desk: Desk, approval: Approval, *, form: DecisionForm | None = None, problem: str = "") -> None:
        self.desk, self.approval, self.problem = desk, approval, problem
        self.form = form or DecisionForm(None)
        # On pages of single objects people are masked until they are shown, which the payment's own page does.
        self._by_person = desk.by_person and not approval.livemode
        self.subject = subjects_of([approval], by_person=self._by_person)[approval.public_id]

    @property
    def context(self) -> dict[str, Any]:
        return {"page": self, "form": self.form, "zone": self.desk.zone}

    @property
    def url(self) -> str:
        return self.desk.page(self.approval)

    @property
    def badge(self) -> SafeString:
        return status("approval", status_value(self.approval))

    # --- Who decides ---
    @property
    def is_waiting(self) -> bool:
        return is_waiting(self.approval)

    @property
    def is_own(self) -> bool:
        return self.desk.asked_for(self.approval)

    @cached_property
    def is_of_same_person(self) -> bool:
        return not self.is_own and is_same_person(self.desk.actor.id, self.approval.requested_by_id)

    @property
    def may_decide(self) -> bool:
        return self.is_waiting and not self.is_own and not self.is_of_same_person

    @cached_property
    def deciders(self) -> Sequence[str]:
        """Some of the merchant's people who can decide; some of the staff always can."""
        return deciders(self.approval.merchant_id, asked_by=self.approval.requested_by_id)

    @property
    def ended(self) -> str:
        return decided(self.approval, self.desk.zone)

    # --- What is asked for ---
    @property
    def why(self) -> str:
        return why(self.approval)

    @property
    def left(self) -> str:
        return left_text(self.approval.expires_at, clock.now())

    @cached_property
    def role(self) -> str:
        """What whoever asked is at the merchant now."""
        return roles_of([self.approval])[self.approval.public_id]

    @property
    def request_url(self) -> str:
        return self.desk.request_page(self.approval, self.subject)

    # --- Money ---
    @property
    def command(self) -> MoneyCommand | None:
        return self.subject.command

    @property
    def batch(self) -> CommandBatch | None:
        return self.subject.batch

    @cached_property
    def members(self) -> Sequence[Member]:
        """The refunds that are asked for together."""
        return members_of(self.batch, by_person=self._by_person, waits=self.is_waiting) if self.batch else []

    @property
    def linked_members(self) -> list[tuple[Member, str]]:
        """Each with the page of its payment, empty for who has none."""
        return [(each, self.desk.payment_page(self.approval, each.command.payment.public_id)) for each in self.members]

    @property
    def is_refund(self) -> bool:
        return self.approval.kind in (CommandKind.REFUND, REFUND_BATCH)

    @property
    def is_capture(self) -> bool:
        return self.approval.kind == CommandKind.CAPTURE

    @property
    def payment(self) -> Payment | None:
        return self.command.payment if self.command else None

    @property
    def payment_url(self) -> str:
        return self.desk.payment_page(self.approval, self.payment.public_id) if self.payment else ""

    @property
    def customer(self) -> str:
        return customer_of(self.payment, by_person=self._by_person) if self.payment else ""

    @property
    def method(self) -> str:
        return method_of(self.payment) if self.payment else ""

    @property
    def reason(self) -> str:
        if self.change:
            return self.change.reason
        asked = self.command or self.batch
        if asked is None:
            return ""
        return reason_text(asked.reason) if self.is_refund else cancel_reason(asked.reason)

    @property
    def note(self) -> str:
        asked = self.command or self.batch
        return self._told(asked.note) if asked else ""

    @property
    def comment(self) -> str:
        """Of whoever decided."""
        return self._told(self.approval.comment)

    def _told(self, text: str) -> str:
        """As much of it as the reader may know."""
        names = [each.payment.customer_name for each in self._commands] if text else ()
        return str(redacted(text, personal=not self._by_person, names=names))

    @property
    def _commands(self) -> Sequence[MoneyCommand]:
        return [self.command] if self.command else [member.command for member in self.members]

    @property
    def told_as_fraud(self) -> bool:
        return bool(self.command and self.command.parameters.get("reason") == "fraudulent")

    @property
    def sends_receipt(self) -> bool:
        """Whether the customer gets a mail once the refund has succeeded."""
        return any(wants_receipt(command) for command in self._commands)

    @cached_property
    def _now(self) -> Refundable | None:
        """Of a refund that waits."""
        if self.payment is None or not self.is_refund or not self.is_waiting:
            return None
        return refundable(self.payment, self.payment.account)

    @cached_property
    def _hold(self) -> Hold | None:
        """Of a capture or cancellation that waits."""
        if self.payment is None or self.is_refund or not self.is_waiting:
            return None
        return hold_of(self.payment, self.payment.account)

    @cached_property
    def held_until(self) -> Lapse | None:
        """When what is to be captured or cancelled ends by itself: an approval after that comes too late."""
        if self.payment is None or self._hold is None or not self._hold.amount:
            return None
        return lapse_of(self.payment, self.payment.attempts.order_by("created_at", "external_id"))

    @property
    def trouble(self) -> str:
        """What became of the payment since, where the processor would not do what was asked for; empty elsewhere."""
        troubled = sum(bool(member.trouble) for member in self.members)
        if troubled:
            text = ngettext(
                "One of these payments changed meanwhile: its refund would fail.",
                "%(n)s of these payments changed meanwhile: their refunds would fail.",
                troubled,
            )
            return text % {"n": number(troubled)}
        if self._hold is not None and self.payment is not None:
            # That it waits itself is what bars everything else.
            barrier = self._hold.barrier if self.payment.account.is_connected else HoldBarrier.NOT_CONNECTED
            return str(_HOLD_TROUBLES[barrier]) if barrier in _HOLD_TROUBLES else ""
        return trouble_of(self.command, self._now) if self.command is not None and self._now is not None else ""

    # --- Before and after ---
    @cached_property
    def effects(self) -> Sequence[tuple[str, SafeString | str, SafeString | str]]:
        """Name, what is now and what will be; nothing where it has ended, and is past, or could not be done."""
        if self.change:
            return self._of_limit(self.change)
        if self.command and self._hold and self._hold.amount:
            return self._of_hold(self.command, self._hold.amount)
        return self._of_refund(self.command, self._now) if self.command and self._now else []

    def _of_refund(self, command: MoneyCommand, now: Refundable) -> list[tuple[str, SafeString, SafeString]]:
        amount, refunded, currency = command.amount, now.refunded, command.currency
        # It is under way itself, and would count twice.
        left = now.captured - refunded - now.lost - (now.under_way - amount)
        # More may wait than is left by now: what then remains depends on which is approved.
        if self.trouble or left < amount:
            return []
        return [
            (gettext("Refundable of this payment"), money(left, currency), money(left - amount, currency)),
            (gettext("Refunded of this payment"), money(refunded, currency), money(refunded + amount, currency)),
        ]

    def _of_hold(self, command: MoneyCommand, held: int) -> list[tuple[str, SafeString, SafeString]]:
        taken = command.amount if self.is_capture else 0
        moves = [(gettext("Authorised"), held, 0), (gettext("Captured"), 0, taken)]
        if held > taken:
            moves.append((gettext("Released to the customer"), 0, held - taken))
        currency = command.currency
        return [(name, money(before, currency), money(after, currency)) for name, before, after in moves]

    @property
    def change(self) -> LimitChange | None:
        return self.subject.change

    @property
    def limited(self) -> str:
        """What the limit that changes is of."""
        return str(WHAT_IS_LIMITED[self.change.action]) if self.change else ""

    def _of_limit(self, change: LimitChange) -> list[tuple[str, SafeString | str, SafeString | str]]:
        currency = change.currency
        rows = [
            (gettext("Of one payment"), change.before_single, change.single),
            (gettext("Of one person in 24 hours"), change.before_daily, change.daily),
        ]
        return [(name, limit_money(before, currency), limit_money(after, currency)) for name, before, after in rows]


def kept_form(fields: QueryDict | None) -> DecisionForm:
    """With the comment of a form that was not sent."""
    return DecisionForm(None, initial={"comment": fields.get("comment", "")} if fields else None)
