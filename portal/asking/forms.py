"""What is typed to ask for a command, and what is said when it cannot be meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.commands.models import LONGEST_NOTE
from billing.money import AmountMalformed, AmountTooLarge, Money, has_decimals, parse_part
from billing.providers.base import AmountRefused
from portal.web.kept_words import in_words
from reports.templatetags.money import current_locale, money_plain, number

FULL, PART = "full", "part"
_LONGEST_AMOUNT = 60


class CommandForm(forms.Form):
    """``form_key`` is the form's own: however often it is sent, it asks once."""

    note = forms.CharField(
        label=_("Note"),
        help_text=_("For your own people. Neither the customer nor the processor reads it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)

    prefix_of_ids: ClassVar[str]
    data: QueryDict

    def __init__(self, data: QueryDict | None, *, initial: Mapping[str, Any] | None = None) -> None:
        fresh = {"form_key": str(uuid4()), **(initial or {})}
        super().__init__(data, auto_id=f"{self.prefix_of_ids}-%s", initial=fresh)

    def renew_key(self, **values: str) -> None:
        """For a form that is shown again: with another key."""
        data = self.data.copy()
        for name, value in {"form_key": str(uuid4()), **values}.items():
            data[name] = value
        self.data = data

    @property
    def key(self) -> str:
        key: str = self.cleaned_data["form_key"]
        return key

    def refuse(self, refused: Exception) -> None:
        """The form does not hold, for what billing found: all have a note, of which NoteTooLong tells."""
        self.add_error("note", self.too_long(self.cleaned_data["note"]))

    # --- Cleaning ---
    def clean_note(self) -> str:
        """On one line, as it is kept."""
        note = " ".join(self.cleaned_data["note"].split())
        if len(note) > LONGEST_NOTE:
            raise forms.ValidationError(self.too_long(note))
        return note

    def clean_form_key(self) -> str:
        try:
            return str(UUID(self.cleaned_data["form_key"]))
        except ValueError:
            text = gettext("The form came without its key, so nothing was asked for. Send it again.")
            raise forms.ValidationError(text) from None

    # --- Words ---
    def too_long(self, note: str) -> str:
        values = {"most": number(LONGEST_NOTE), "n": number(len(note) - LONGEST_NOTE)}
        return gettext("A note has at most %(most)s characters: take out %(n)s.") % values


class AskForm(CommandForm):
    """For one payment. ``seen_left`` is how much could be asked for when the person saw it, in minor units."""

    seen_left = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, currency: str, left: int) -> None:
        super().__init__(data, initial={"seen_left": left})
        self.currency, self.left = currency, left
        self.fit()

    def fit(self) -> None:
        """Words and attributes that depend on what is left."""

    def renew(self, left: int) -> None:
        """For a form that is shown again: as things stand, and with another key."""
        self.left = left
        self.renew_key(seen_left=str(left))
        self.fit()

    @property
    def saw(self) -> int:
        """What was left when the person decided."""
        left: int = self.cleaned_data["seen_left"]
        return left

    def clean_seen_left(self) -> int:
        # Sent without it, nobody saw what is left: like one who saw something else.
        left = self.cleaned_data["seen_left"]
        return -1 if left is None else left

    def plain(self, minor: int) -> str:
        return str(money_plain(minor, self.currency))


@dataclass(frozen=True, slots=True)
class AmountWords:
    """What is said of an amount, with ``%(left)s`` and what was typed as ``%(amount)s``."""

    how: str | Promise
    all_of_it: str | Promise
    missing: str | Promise
    far_too_much: str | Promise
    too_much: str | Promise


class AmountForm(AskForm):
    """For what may be asked for in full or in part."""

    how = forms.ChoiceField(
        label=_("How much"), choices=[(FULL, ""), (PART, "")], initial=FULL, widget=forms.RadioSelect
    )
    amount = forms.CharField(
        label=_("Amount"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), strip=False
    )

    words: ClassVar[AmountWords]

    def fit(self) -> None:
        left = self.plain(self.left)
        how = self.fields["how"]
        how.choices = [  # type: ignore[attr-defined]
            (FULL, str(self.words.all_of_it) % {"amount": left}),
            (PART, gettext("A part of it")),
        ]
        how.error_messages["required"] = str(self.words.how)
        typing = {
            "inputmode": "decimal" if has_decimals(self.currency) else "numeric",
            "maxlength": str(_LONGEST_AMOUNT),
        }
        self.fields["amount"].widget.attrs.update(typing)
        self.fields["amount"].help_text = gettext("At most %(amount)s.") % {"amount": left}

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("how") == FULL:
            # What the person saw, and never what happens to be left by now.
            given["money"] = Money(max(given.get("seen_left", 0), 0), self.currency)
        elif given.get("how") == PART:
            self._parse(given.get("amount", ""))
        return given

    def refuse(self, refused: Exception) -> None:
        if isinstance(refused, AmountRefused):
            self.add_error("amount", in_words(str(refused)))
        else:
            super().refuse(refused)

    def _parse(self, typed: str) -> None:
        left = {"left": self.plain(self.left)}
        if not typed.strip():
            self.add_error("amount", str(self.words.missing) % left)
            return
        try:
            money = parse_part(typed, self.currency, current_locale())
        except AmountTooLarge:
            self.add_error("amount", str(self.words.far_too_much) % left)
        except AmountMalformed as malformed:
            self.add_error("amount", in_words(str(malformed)))
        else:
            self.cleaned_data["money"] = money
            if money.minor <= 0:
                self.add_error("amount", self.not_positive(money.minor))
            elif self.cleaned_data.get("seen_left") == self.left < money.minor:
                # Together with whatever else is wrong; who saw something else is told of that first.
                self.add_error("amount", self.too_much(money.minor, self.left))

    def not_positive(self, minor: int) -> str:
        values = {"least": self.plain(1), "left": self.plain(self.left)}
        if minor:
            return gettext("Enter the amount without a minus sign, from %(least)s to %(left)s.") % values
        return gettext("Enter more than zero, from %(least)s to %(left)s.") % values

    def too_much(self, minor: int, left: int) -> str:
        return str(self.words.too_much) % {"amount": self.plain(minor), "left": self.plain(left)}
