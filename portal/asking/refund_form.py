"""What is typed to ask for a refund, and what is said when it cannot be meant."""

from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.request import NoteTooLong
from billing.providers.base import AmountRefused
from billing.refunds.issue import (
    CurrencyDiffers,
    ReasonUnexplained,
    RefundExceedsRemaining,
    RefundNotPositive,
    Terms,
)
from billing.refunds.reasons import RefundReason
from portal.asking.forms import AmountForm, AmountWords

# What is wrong with the terms themselves, whoever finds it.
REFUSALS = (RefundExceedsRemaining, RefundNotPositive, CurrencyDiffers, ReasonUnexplained, NoteTooLong, AmountRefused)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form says of a receipt: where it goes, or why none can be sent."""

    text: str
    is_open: bool


class RefundForm(AmountForm):
    prefix_of_ids = "refund"
    words = AmountWords(
        how=_("Choose how much is refunded."),
        all_of_it=_("All that is left, %(amount)s"),
        missing=_("Enter the amount to refund, at most %(left)s."),
        far_too_much=_("That is far more than the %(left)s that can be refunded now."),
        too_much=_("%(amount)s is more than the %(left)s that can be refunded now."),
    )
    field_order = ("how", "amount", "reason", "block_customer", "note", "receipt", "seen_left", "form_key")

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *RefundReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
    block_customer = forms.BooleanField(
        label=_("Tell Stripe that this was fraud: the card and e-mail address go on its block lists."), required=False
    )
    receipt = forms.BooleanField(label=_("Send the customer a receipt"), required=False)

    def offer(self, offer: Offer) -> Self:
        """With what is said of a receipt; nobody can tick what is not open."""
        field = self.fields["receipt"]
        field.help_text, field.disabled = offer.text, not offer.is_open
        return self

    def for_staff(self) -> Self:
        """For those who write for another's people."""
        self.fields["note"].help_text = _(
            "For the merchant’s people and for staff. Neither the customer nor the processor reads it."
        )
        return self

    @property
    def terms(self) -> Terms:
        """What a valid form asks for."""
        given = self.cleaned_data
        reason = RefundReason(given["reason"])
        ticks = {name: given[name] for name in ("block_customer", "receipt")}
        return Terms(given["money"], reason, given["note"], **ticks)

    def refuse(self, refused: Exception) -> None:
        """For one of REFUSALS."""
        match refused:
            case RefundExceedsRemaining():
                self.add_error("amount", self.too_much(self.cleaned_data["money"].minor, refused.left))
            case RefundNotPositive():
                self.add_error("amount", self.not_positive(self.cleaned_data["money"].minor))
            case ReasonUnexplained():
                self.add_error("note", gettext("Say in the note what the other reason is."))
            case CurrencyDiffers():
                words = gettext("The payment is in %(currency)s, and so is its refund.") % {"currency": self.currency}
                self.add_error("amount", words)
            case _:
                super().refuse(refused)

    # --- Cleaning ---
    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("block_customer") and given.get("reason", RefundReason.FRAUDULENT) != RefundReason.FRAUDULENT:
            words = gettext("Stripe is told of fraud only where that is the reason. Choose it, or take the tick away.")
            self.add_error("block_customer", words)
        if given.get("reason") == RefundReason.OTHER and "note" in given and not given["note"]:
            self.add_error("note", gettext("Say in the note what the other reason is."))
        return super().clean()
