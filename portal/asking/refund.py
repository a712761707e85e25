"""Asking for a refund."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandKind, MoneyCommand
from billing.refunds.issue import RefundBarred, RemainderChanged, check_refund, issue_refund
from billing.refunds.queries import Barrier, Refundable
from billing.refunds.receipts import reach_of
from portal.asking.desk import Desk, Review
from portal.asking.refund_form import REFUSALS, Offer, RefundForm
from portal.web.masking import mask_email
from portal.web.payments.receipts import barred as no_receipt
from portal.web.payments.refunding import barrier_text
from reports.templatetags.money import current_locale, money_plain


class RefundDesk(Desk[RefundForm, Refundable]):
    kind = CommandKind.REFUND
    sums = "components/refunds/spoken_for.html"
    fields = "components/refunds/form.html"
    summary = "components/refunds/review.html"
    title, review_title = _("Refund"), _("Review a refund")
    next_step = _("Review the refund")
    second_needed = _("A second person must approve this refund before it is sent.")
    at_once = _("It is sent to %(processor)s at once. Its page tells what comes of it.")
    look_again = _("Nothing was sent for you. Look at what is left, then review it again.")
    final = _("A refund cannot be taken back once it is sent.")
    sent_before = _("This form was sent before with other words, and that refund was asked for. Look again.")
    refusals = REFUSALS
    barred, changed = RefundBarred, RemainderChanged

    @property
    def base_url(self) -> str:
        return self.page.face.refund_url

    @cached_property
    def now(self) -> Refundable:
        return self.page.refundable

    def form(self, data: QueryDict | None) -> RefundForm:
        form = RefundForm(data, currency=self.payment.currency, left=self.now.left).offer(self.offer)
        return form.for_staff() if self.page.face.for_staff else form

    @cached_property
    def offer(self) -> Offer:
        reach = reach_of(self.payment)
        if reach.barrier is not None:
            return Offer(no_receipt(reach.barrier), is_open=False)
        address = {"address": mask_email(reach.address) if self.page.is_masked else reach.address}
        if not self.payment.livemode:
            return Offer(gettext("To %(address)s. Test mode: not sent.") % address, is_open=True)
        return Offer(gettext("To %(address)s, once the refund has succeeded.") % address, is_open=True)

    @property
    def heading(self) -> str:
        amount = {"amount": money_plain(self.payment.amount, self.payment.currency)}
        return gettext("Refund the payment of %(amount)s") % amount

    def button(self, form: RefundForm, *, alone: bool) -> str:
        text = gettext("Refund %(amount)s") if alone else gettext("Ask to refund %(amount)s")
        return text % {"amount": form.plain(form.terms.money.minor)}

    def reviewed_heading(self, form: RefundForm) -> str:
        if not self.page.method:
            return self.button(form, alone=True)
        values = {"amount": form.plain(form.terms.money.minor), "method": self.page.method}
        return gettext("Refund %(amount)s to %(method)s") % values

    def standing(self, now: Refundable) -> Mapping[str, Any]:
        return {"now": now, "taken": _taken(now)}

    def left(self, now: Refundable) -> int:
        return now.left

    def reviewed(self, form: RefundForm) -> Review:
        terms = form.terms
        outlook = check_refund(
            payment=self.payment, terms=terms, seen_left=form.saw, by=self.request.actor, locale=current_locale()
        )
        now, minor = outlook.now, terms.money.minor
        shown = {"terms": terms, "minus": -minor, "left_after": now.left - minor, **self.standing(now)}
        return Review(shown, outlook.need)

    def ask(self, form: RefundForm) -> MoneyCommand:
        return issue_refund(
            payment=self.payment,
            terms=form.terms,
            seen_left=form.saw,
            form_key=form.key,
            by=self.request.actor,
            locale=current_locale(),
        )

    def barrier_text(self, barrier: Barrier) -> str:
        return barrier_text(barrier, self.payment)

    @property
    def left_called(self) -> str:
        return gettext("Can be refunded")


def _taken(now: Refundable) -> list[tuple[str, int]]:
    """What was captured and cannot be given back any more, by what took it."""
    parts = [
        (gettext("Refunded before"), now.refunded),
        (gettext("Refunds under way"), now.under_way),
        (gettext("Lost to disputes"), now.lost),
    ]
    return [(name, -amount) for name, amount in parts if amount]
