"""What a person states about a request of which nobody knows what came."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor
from billing.commands.by_hand import LONGEST_REASON, settle_carried_out, settle_not_carried_out
from billing.commands.models import MoneyCommand
from portal.staff.commands.words import field_of, why_not

CARRIED_OUT, NOT_CARRIED_OUT = "carried_out", "not_carried_out"


class SettleForm(forms.Form):
    """Confirmed twice: by a tick, and by typing the request's id. ``kept`` is what was typed before a code was asked
    for; the tick has to be set again."""

    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        widget=forms.RadioSelect,
        choices=[
            (CARRIED_OUT, _("It was carried out: the processor did it")),
            (NOT_CARRIED_OUT, _("It was not carried out: no money moved")),
        ],
        error_messages={"required": _("Choose what came of it."), "invalid_choice": _("Choose one of the two.")},
    )
    external_id = forms.RegexField(
        regex=r"\A[A-Za-z0-9_.\-]{1,255}\Z",
        label=_("The processor's id of what it made"),
        required=False,
        help_text=_(
            "Only where it was carried out: re_… of a refund, pi_… of a payment. The processor is asked about it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": _("This is no id of the processor's, such as re_3Nx….")},
    )
    reason = forms.CharField(
        label=_("How do you know?"),
        max_length=LONGEST_REASON,
        help_text=_("Kept in the audit log, where the merchant reads it, too."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say how you know."), "max_length": _("Use at most 500 characters.")},
    )
    understood = forms.BooleanField(
        label=_("I have looked this up at the processor. I know that it cannot be taken back."),
        error_messages={"required": _("Tick that you have looked it up.")},
    )
    confirmation = forms.CharField(
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the id of the request.")},
    )

    def __init__(self, data: QueryDict | None, *, command: MoneyCommand, kept: QueryDict | None = None) -> None:
        super().__init__(data, initial={name: kept[name] for name in _KEPT if name in kept} if kept else None)
        self.command = command
        self.fields["confirmation"].label = gettext("Type %(words)s to confirm") % {"words": command.public_id}

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"].strip()
        if typed != self.command.public_id:
            words = gettext("This is not %(words)s. Nothing was done.") % {"words": self.command.public_id}
            raise forms.ValidationError(words)
        return typed

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        named = given.get("external_id", "")
        if given.get("outcome") == CARRIED_OUT and not named and "external_id" not in self.errors:
            self.add_error("external_id", _("Enter the processor's id of what it made."))
        if given.get("outcome") == NOT_CARRIED_OUT and named:
            self.add_error("external_id", _("Leave it empty: what was not carried out made nothing."))
        return given

    def settle(self, *, by: Actor) -> str:
        """What a valid form states becomes true. The answer is a sentence about it. Raises words.REFUSALS."""
        given = self.cleaned_data
        if given["outcome"] == CARRIED_OUT:
            named = given["external_id"]
            settle_carried_out(command=self.command, external_id=named, reason=given["reason"], by=by)
            return gettext("Settled: it was carried out, and %(id)s is what it made.") % {"id": named}
        settle_not_carried_out(command=self.command, reason=given["reason"], by=by)
        return gettext("Settled: it was not carried out. It can be asked for again.")

    def refuse(self, refused: Exception) -> None:
        """Beside the field that it is about."""
        self.add_error(field_of(refused), why_not(refused))


_KEPT = ("outcome", "external_id", "reason", "confirmation")
