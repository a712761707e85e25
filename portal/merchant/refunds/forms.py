"""What is typed to ask for a refund, and what is said when it cannot be meant."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import LONGEST_NOTE
from billing.commands.request import NoteTooLong
from billing.money import AmountMalformed, AmountTooLarge, Money, has_decimals, parse
from billing.providers.base import AmountRefused
from billing.refunds.issue import (
    CurrencyDiffers,
    ReasonUnexplained,
    RefundExceedsRemaining,
    RefundNotPositive,
    Terms,
)
from billing.refunds.queries import Refundable
from billing.refunds.reasons import RefundReason
from portal.web.kept_words import in_words
from reports.templatetags.money import current_locale, money_plain, number

FULL, PART = "full", "part"
# What is wrong with the terms themselves, whoever finds it.
Refusal = RefundExceedsRemaining | RefundNotPositive | CurrencyDiffers | ReasonUnexplained | NoteTooLong | AmountRefused
REFUSALS = Refusal.__args__
_LONGEST_AMOUNT = 60


class RefundForm(forms.Form):
    """``seen_left`` is what was left of the payment when the person saw it, in minor units; ``form_key`` is the form's
    own: however often it is sent, it asks for one refund."""

    how = forms.ChoiceField(
        label=_("How much"),
        choices=[(FULL, ""), (PART, "")],
        initial=FULL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how much is refunded.")},
    )
    amount = forms.CharField(
        label=_("Amount"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), strip=False
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *RefundReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
    block_customer = forms.BooleanField(
        label=_("Tell Stripe that this was fraud: the card and e-mail address go on its block lists."), required=False
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For your own people. Neither the customer nor the processor reads it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_left = forms.IntegerField(required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)

    data: QueryDict

    def __init__(self, data: QueryDict | None, *, currency: str, now: Refundable) -> None:
        fresh = {"seen_left": now.left, "form_key": str(uuid4())}
        super().__init__(data, auto_id="refund-%s", initial=fresh)
        self.currency, self.now = currency, now
        self._fit()

    def _fit(self) -> None:
        """Words and attributes that depend on what is left."""
        left = self._plain(self.now.left)
        choices = [(FULL, gettext("All that is left, %(amount)s") % {"amount": left}), (PART, gettext("A part of it"))]
        self.fields["how"].choices = choices  # type: ignore[attr-defined]
        typing = {
            "inputmode": "decimal" if has_decimals(self.currency) else "numeric",
            "maxlength": str(_LONGEST_AMOUNT),
        }
        self.fields["amount"].widget.attrs.update(typing)
        self.fields["amount"].help_text = gettext("At most %(amount)s.") % {"amount": left}

    def renew(self, now: Refundable) -> None:
        """For a form that is shown again: as things stand, and with another key."""
        self.now, data = now, self.data.copy()
        data["seen_left"], data["form_key"] = str(now.left), str(uuid4())
        self.data = data
        self._fit()

    @property
    def terms(self) -> Terms:
        """What a valid form asks for."""
        given = self.cleaned_data
        reason = RefundReason(given["reason"])
        return Terms(given["money"], reason, given["note"], block_customer=given["block_customer"])

    @property
    def saw(self) -> int:
        """What was left when the person decided."""
        left: int = self.cleaned_data["seen_left"]
        return left

    @property
    def key(self) -> str:
        key: str = self.cleaned_data["form_key"]
        return key

    def refuse(self, refused: Refusal) -> None:
        """The form does not hold, for what billing found."""
        match refused:
            case RefundExceedsRemaining():
                self.add_error("amount", self._too_much(self.cleaned_data["money"].minor, refused.left))
            case RefundNotPositive():
                self.add_error("amount", self._not_positive(self.cleaned_data["money"].minor))
            case ReasonUnexplained():
                self.add_error("note", gettext("Say in the note what the other reason is."))
            case NoteTooLong():
                self.add_error("note", self._too_long(self.cleaned_data["note"]))
            case AmountRefused():
                self.add_error("amount", in_words(str(refused)))
            case CurrencyDiffers():
                words = gettext("The payment is in %(currency)s, and so is its refund.") % {"currency": self.currency}
                self.add_error("amount", words)

    # --- Cleaning ---
    def clean_note(self) -> str:
        """On one line, as it is kept."""
        note = " ".join(self.cleaned_data["note"].split())
        if len(note) > LONGEST_NOTE:
            raise forms.ValidationError(self._too_long(note))
        return note

    def clean_form_key(self) -> str:
        try:
            return str(UUID(self.cleaned_data["form_key"]))
        except ValueError:
            text = gettext("The form came without its key, so nothing was asked for. Send it again.")
            raise forms.ValidationError(text) from None

    def clean_seen_left(self) -> int:
        # Sent without it, nobody saw what is left: like one who saw something else.
        left = self.cleaned_data["seen_left"]
        return -1 if left is None else left

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("block_customer") and given.get("reason", RefundReason.FRAUDULENT) != RefundReason.FRAUDULENT:
            words = gettext("Stripe is told of fraud only where that is the reason. Choose it, or take the tick away.")
            self.add_error("block_customer", words)
        if given.get("reason") == RefundReason.OTHER and "note" in given and not given["note"]:
            self.add_error("note", gettext("Say in the note what the other reason is."))
        if given.get("how") == FULL:
            # What the person saw, and never what happens to be left by now.
            given["money"] = Money(max(given.get("seen_left", 0), 0), self.currency)
        elif given.get("how") == PART:
            self._parse(given.get("amount", ""))
        return given

    def _parse(self, typed: str) -> None:
        left = {"left": self._plain(self.now.left)}
        if not typed.strip():
            self.add_error("amount", gettext("Enter the amount to refund, at most %(left)s.") % left)
            return
        try:
            money = parse(typed, self.currency, current_locale())
        except AmountTooLarge:
            self.add_error("amount", gettext("That is far more than the %(left)s that can be refunded now.") % left)
        except AmountMalformed as malformed:
            self.add_error("amount", in_words(str(malformed)))
        else:
            self.cleaned_data["money"] = money
            if money.minor <= 0:
                self.add_error("amount", self._not_positive(money.minor))
            elif self.cleaned_data.get("seen_left") == self.now.left < money.minor:
                # Together with whatever else is wrong; who saw something else is told of that first.
                self.add_error("amount", self._too_much(money.minor, self.now.left))

    # --- Words ---
    def _plain(self, minor: int) -> str:
        return str(money_plain(minor, self.currency))

    def _not_positive(self, minor: int) -> str:
        values = {"least": self._plain(1), "left": self._plain(self.now.left)}
        if minor:
            return gettext("Enter the amount without a minus sign, from %(least)s to %(left)s.") % values
        return gettext("Enter more than zero, from %(least)s to %(left)s.") % values

    def _too_much(self, minor: int, left: int) -> str:
        values = {"amount": self._plain(minor), "left": self._plain(left)}
        return gettext("%(amount)s is more than the %(left)s that can be refunded now.") % values

    def _too_long(self, note: str) -> str:
        values = {"most": number(LONGEST_NOTE), "n": number(len(note) - LONGEST_NOTE)}
        return gettext("A note has at most %(most)s characters: take out %(n)s.") % values
