"""What is typed to refund several payments."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.refunds.issue import ReasonUnexplained
from billing.refunds.issue_batch import BatchTerms
from billing.refunds.reasons import RefundReason
from portal.asking.forms import CommandForm


class BatchForm(CommandForm):
    prefix_of_ids = "batch"
    field_order = ("reason", "note", "receipt", "form_key")

    reason = forms.ChoiceField(
        label=_("Reason"),
        help_text=_("One for all of these payments."),
        choices=[("", _("Choose a reason")), *RefundReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
    receipt = forms.BooleanField(
        label=_("Send each customer a receipt"),
        help_text=_("Once the refund has succeeded, where the customer’s address is known. Test mode sends none."),
        required=False,
    )

    @property
    def terms(self) -> BatchTerms:
        """What a valid form asks for."""
        given = self.cleaned_data
        return BatchTerms(RefundReason(given["reason"]), given["note"], receipt=given["receipt"])

    def refuse(self, refused: Exception) -> None:
        if isinstance(refused, ReasonUnexplained):
            self.add_error("note", self._unexplained)
        else:
            super().refuse(refused)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("reason") == RefundReason.OTHER and "note" in given and not given["note"]:
            self.add_error("note", self._unexplained)
        return given

    @property
    def _unexplained(self) -> str:
        return gettext("Say in the note what the other reason is.")
