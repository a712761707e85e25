"""Asking for a capture, or for the cancellation of what is authorised."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import CommandKind, MoneyCommand
from billing.commands.request import NoteTooLong
from billing.payments.cancel import check_cancel, request_cancel
from billing.payments.capture import check_capture, request_capture
from billing.payments.hold import Hold, HoldBarred, HoldBarrier, HoldChanged
from portal.asking.desk import Desk, Review, TForm
from portal.merchant.holds.forms import REFUSALS, CancelForm, CaptureForm
from portal.web.payments.holding import barrier_text
from reports.templatetags.money import current_locale, money_plain


class _HoldDesk(Desk[TForm, Hold]):
    sums = "merchant/holds/held.html"
    at_once = _("It is sent to %(processor)s at once. The payment’s page tells what comes of it.")
    look_again = _("Nothing was sent for you. Look at what is authorised, then review it again.")
    barred, changed = HoldBarred, HoldChanged

    @property
    def base_url(self) -> str:
        return f"{self.page.url}{self.kind}/"

    @cached_property
    def now(self) -> Hold:
        return self.page.holding.now

    def standing(self, now: Hold) -> Mapping[str, Any]:
        return {"now": now, "holding": self.page.holding}

    def left(self, now: Hold) -> int:
        return now.amount

    def barrier_text(self, barrier: HoldBarrier) -> str:
        return barrier_text(barrier)

    @property
    def left_called(self) -> str:
        return gettext("Authorised")

    def _amount(self) -> dict[str, str]:
        return {"amount": money_plain(self.payment.amount, self.payment.currency)}


class CaptureDesk(_HoldDesk[CaptureForm]):
    kind = CommandKind.CAPTURE
    fields = "merchant/holds/capture_form.html"
    summary = "merchant/holds/capture_review.html"
    title, review_title = _("Capture"), _("Review a capture")
    second_needed = _("A second person must approve this capture before it is sent.")
    next_step = _("Review the capture")
    final = _("A capture cannot be taken back once it is sent. It can be refunded afterwards.")
    sent_before = _("This form was sent before with other words, and that capture was asked for. Look again.")
    refusals = REFUSALS

    def form(self, data: QueryDict | None) -> CaptureForm:
        return CaptureForm(data, currency=self.payment.currency, left=self.now.amount)

    @property
    def heading(self) -> str:
        return gettext("Capture the payment of %(amount)s") % self._amount()

    def button(self, form: CaptureForm, *, alone: bool) -> str:
        text = gettext("Capture %(amount)s") if alone else gettext("Ask to capture %(amount)s")
        return text % {"amount": form.plain(form.money.minor)}

    def reviewed_heading(self, form: CaptureForm) -> str:
        return self.button(form, alone=True)

    def reviewed(self, form: CaptureForm) -> Review:
        outlook = check_capture(
            payment=self.payment, money=form.money, seen_held=form.saw, by=self.request.actor, locale=current_locale()
        )
        held, taken = outlook.now.amount, form.money.minor
        shown = {"taken": taken, "released": held - taken, "effect": self._effect(form, held)}
        return Review({**shown, **self.standing(outlook.now)}, outlook.need)

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
    fields = "merchant/holds/cancel_form.html"
    summary = "merchant/holds/cancel_review.html"
    title, review_title = _("Cancel an authorisation"), _("Review a cancellation")
    leave = _("Keep it")
    second_needed = _("A second person must approve this cancellation before it is sent.")
    next_step = _("Review the cancellation")
    final = _("A cancellation cannot be taken back once it is sent. To be charged, the customer has to pay again.")
    sent_before = _("This form was sent before with other words, and that cancellation was asked for. Look again.")
    refusals = (NoteTooLong,)

    def form(self, data: QueryDict | None) -> CancelForm:
        return CancelForm(data, currency=self.payment.currency, left=self.now.amount)

    @property
    def heading(self) -> str:
        return gettext("Cancel the authorisation of %(amount)s") % self._amount()

    def button(self, form: CancelForm, *, alone: bool) -> str:
        return gettext("Cancel the authorisation") if alone else gettext("Ask to cancel the authorisation")

    def reviewed_heading(self, form: CancelForm) -> str:
        return self.heading

    def reviewed(self, form: CancelForm) -> Review:
        outlook = check_cancel(payment=self.payment, seen_held=form.saw, by=self.request.actor)
        held = outlook.now.amount
        text = gettext(
            "All %(held)s are released to the customer. Nothing is charged, and nothing can be captured later."
        )
        shown = {"released": held, "reason": form.reason_given.label, "effect": text % {"held": form.plain(held)}}
        return Review({**shown, **self.standing(outlook.now)}, outlook.need)

    def ask(self, form: CancelForm) -> MoneyCommand:
        return request_cancel(
            payment=self.payment,
            reason=form.reason_given,
            seen_held=form.saw,
            form_key=form.key,
            by=self.request.actor,
            note=form.cleaned_data["note"],
        )
