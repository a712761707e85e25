"""What is typed to capture or cancel what is authorised, and what is said when it cannot be meant."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.request import NoteTooLong
from billing.money import Money
from billing.payments.cancel import CancelReason
from billing.payments.capture import CaptureExceedsHold, CaptureNotPositive, HoldCurrencyDiffers
from billing.providers.base import AmountRefused
from portal.asking.forms import AmountForm, AmountWords, AskForm

REFUSALS = (CaptureExceedsHold, CaptureNotPositive, HoldCurrencyDiffers, NoteTooLong, AmountRefused)


class CaptureForm(AmountForm):
    prefix_of_ids = "capture"
    words = AmountWords(
        how=_("Choose how much is captured."),
        all_of_it=_("All that is authorised, %(amount)s"),
        missing=_("Enter the amount to capture, at most %(left)s."),
        far_too_much=_("That is far more than the %(left)s that are authorised."),
        too_much=_("%(amount)s is more than the %(left)s that are authorised."),
    )
    field_order = ("how", "amount", "note", "seen_left", "form_key")

    @property
    def money(self) -> Money:
        """What a valid form asks for."""
        money: Money = self.cleaned_data["money"]
        return money

    def refuse(self, refused: Exception) -> None:
        """For one of REFUSALS."""
        match refused:
            case CaptureExceedsHold():
                self.add_error("amount", self.too_much(self.money.minor, refused.held))
            case CaptureNotPositive():
                self.add_error("amount", self.not_positive(self.money.minor))
            case HoldCurrencyDiffers():
                words = gettext("The payment is in %(currency)s, and so is its capture.") % {"currency": self.currency}
                self.add_error("amount", words)
            case _:
                super().refuse(refused)


class CancelForm(AskForm):
    prefix_of_ids = "cancel"
    field_order = ("reason", "note", "seen_left", "form_key")

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *CancelReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )

    @property
    def reason_given(self) -> CancelReason:
        return CancelReason(self.cleaned_data["reason"])
