"""Asking for a capture, or for the cancellation of what is authorised."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandKind, MoneyCommand
from billing.commands.needs import Need, need_of
from billing.commands.request import NoteTooLong
from billing.money import Money
from billing.payments.cancel import request_cancel
from billing.payments.capture import check_capture, request_capture
from billing.payments.hold import Hold, HoldBarred, HoldBarrier, HoldChanged, check_hold
from portal.merchant.asking.desk import Desk, TForm
from portal.merchant.holds.forms import REFUSALS, CancelForm, CaptureForm
from portal.web.payments.holding import barrier_text
from reports.templatetags.money import current_locale, money_plain


class _HoldDesk(Desk[TForm, Hold]):
    sums = "merchant/holds/held.html"
    look_again = _("Nothing was sent for you. Look at what is authorised, then review it again.")
    barred, changed = HoldBarred, HoldChanged
    kind: CommandKind

    @property
    def base_url(self) -> str:
        return f"{self.page.url}{self.kind}/"

    @cached_property
    def now(self) -> Hold:
        return self.page.holding.now

    def standing(self, now: Hold) -> Mapping[str, Any]:
        return {"now": now}

    def left(self, now: Hold) -> int:
        return now.amount

    def barrier_text(self, barrier: HoldBarrier) -> str:
        return barrier_text(barrier)

    @property
    def left_called(self) -> str:
        return gettext("Authorised")

    def _need(self, money: Money) -> Need | None:
        """Whether a second person is needed as things stand; decided for good when it is asked for."""
        return need_of(kind=self.kind, payment=self.payment, money=money, by=self.request.actor)

    def _amount(self) -> dict[str, str]:
        return {"amount": money_plain(self.payment.amount, self.payment.currency)}


class CaptureDesk(_HoldDesk[CaptureForm]):
    kind = CommandKind.CAPTURE
    called = "capture"
    fields = "merchant/holds/capture_form.html"
    summary = "merchant/holds/capture_review.html"
    title, review_title = _("Capture"), _("Review a capture")
    next_step = _("Review the capture")
    final = _("A capture cannot be taken back once it is sent. It can be refunded afterwards.")
    sent_before = _("This form was sent before with other words, and that capture was asked for. Look again.")
    refusals = REFUSALS

    def form(self, data: QueryDict | None) -> CaptureForm:
        return CaptureForm(data, currency=self.payment.currency, left=self.now.amount)

    @property
    def heading(self) -> str:
        return gettext("Capture the payment of %(amount)s") % self._amount()

    def asked(self, form: CaptureForm) -> str:
        return gettext("Capture %(amount)s") % {"amount": form.plain(form.money.minor)}

    def reviewed_heading(self, form: CaptureForm) -> str:
        return self.asked(form)

    def reviewed(self, form: CaptureForm) -> Mapping[str, Any]:
        now = check_capture(payment=self.payment, money=form.money, seen_held=form.saw, locale=current_locale())
        minor = form.money.minor
        parts = {"taken": minor, "released": now.amount - minor, "need": self._need(form.money)}
        return {**self.standing(now), **parts, "effect": self._effect(form, now.amount)}

    def _effect(self, form: CaptureForm, held: int) -> str:
        minor = form.money.minor
        values = {"taken": form.plain(minor), "held": form.plain(held), "released": form.plain(held - minor)}
        if minor == held:
            return gettext("Capture %(taken)s, which is all that is authorised.") % values
        return (
            gettext(
                "Capture %(taken)s of %(held)s; %(released)s is released to the customer and cannot be captured later."
            )
            % values
        )

    def ask(self, form: CaptureForm) -> MoneyCommand:
        return request_capture(
            payment=self.payment,
            money=form.money,
            seen_held=form.saw,
            form_key=form.key,
            by=self.request.actor,
            note=form.cleaned_data["note"],
            locale=current_locale(),
        )


class CancelDesk(_HoldDesk[CancelForm]):
    kind = CommandKind.CANCEL
    called = "cancel"
    fields = "merchant/holds/cancel_form.html"
    summary = "merchant/holds/cancel_review.html"
    title, review_title = _("Cancel an authorisation"), _("Review a cancellation")
    next_step = _("Review the cancellation")
    final = _("A cancellation cannot be taken back once it is sent. To be charged, the customer has to pay again.")
    sent_before = _("This form was sent before with other words, and that cancellation was asked for. Look again.")
    refusals = (NoteTooLong,)

    def form(self, data: QueryDict | None) -> CancelForm:
        return CancelForm(data, currency=self.payment.currency, left=self.now.amount)

    @property
    def heading(self) -> str:
        return gettext("Cancel the authorisation of %(amount)s") % self._amount()

    def asked(self, form: CancelForm) -> str:
        return gettext("Cancel the authorisation")

    def reviewed_heading(self, form: CancelForm) -> str:
        return self.heading

    def reviewed(self, form: CancelForm) -> Mapping[str, Any]:
        now = check_hold(self.payment, seen_held=form.saw)
        effect = gettext(
            "All %(held)s is released to the customer. Nothing is charged, and nothing can be captured later."
        )
        need = self._need(Money(now.amount, self.payment.currency))
        shown = {"released": now.amount, "effect": effect % {"held": form.plain(now.amount)}, "need": need}
        return {**self.standing(now), **shown, "reason": form.reason_given.label}

    def ask(self, form: CancelForm) -> MoneyCommand:
        return request_cancel(
            payment=self.payment,
            reason=form.reason_given,
            seen_held=form.saw,
            form_key=form.key,
            by=self.request.actor,
            note=form.cleaned_data["note"],
        )
