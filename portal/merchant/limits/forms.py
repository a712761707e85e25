"""A new limit as somebody types it."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.limits.change import ChangePending, LimitNegative, LimitSame, ReasonMissing, ReasonTooLong
from billing.limits.models import LONGEST_REASON, Action
from billing.limits.queries import UNLIMITED, Limit
from billing.money import KNOWN_CURRENCIES, AmountMalformed, has_decimals, parse
from portal.merchant.limits.words import WORDS
from portal.web.kept_words import in_words
from portal.web.limits import is_unlimited
from reports.templatetags.money import amount_text, current_locale, number

REFUSALS = (ChangePending, LimitNegative, LimitSame, ReasonMissing, ReasonTooLong)
_LONGEST_AMOUNT = 60


class CurrencyForm(forms.Form):
    """Which currency's limits the page shows."""

    currency = forms.ChoiceField(label=_("Currency"), choices=[(each, each) for each in sorted(KNOWN_CURRENCIES)])


class LimitForm(forms.Form):
    """``held`` is what holds now. Amounts are read as they are written in the page's language; an empty one is no
    limit, where there may be none."""

    single = forms.CharField(label=_("Of one payment"), strip=False)
    daily = forms.CharField(label=_("In 24 hours"), strip=False)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Whoever approves it reads it, and the audit log keeps it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the limit changes.")},
    )

    def __init__(
        self, data: QueryDict | None, *, limited: Action, currency: str, held: Limit, kept: QueryDict | None = None
    ) -> None:
        amounts = {"single": held.single, "daily": held.daily}
        shown = {name: "" if is_unlimited(minor) else amount_text(minor, currency) for name, minor in amounts.items()}
        super().__init__(data, initial={**shown, **({name: kept[name] for name in kept} if kept else {})})
        self.currency, words = currency, WORDS[limited]
        typing = {
            "inputmode": "decimal" if has_decimals(currency) else "numeric",
            "maxlength": str(_LONGEST_AMOUNT),
            "autocomplete": "off",
        }
        for name, help_text in (("single", words.single), ("daily", words.daily)):
            field = self.fields[name]
            field.widget.attrs.update(typing)
            field.help_text, field.required = str(help_text), not words.without

    def clean_single(self) -> int:
        return self._amount("single")

    def clean_daily(self) -> int:
        return self._amount("daily")

    @property
    def limit(self) -> Limit:
        return Limit(self.cleaned_data["single"], self.cleaned_data["daily"])

    def refuse(self, refused: Exception) -> None:
        """For what billing found: one of REFUSALS."""
        match refused:
            case ChangePending():
                text = gettext(
                    "Another change of this limit waits for approval. That has to be decided or withdrawn first."
                )
                self.add_error(None, text)
            case LimitNegative():
                self.add_error(None, gettext("A limit is zero or more."))
            case LimitSame():
                self.add_error(None, gettext("This is the limit already: change one of the amounts."))
            case ReasonMissing():
                self.add_error("reason", gettext("Say why the limit changes."))
            case ReasonTooLong():
                most = number(LONGEST_REASON)
                self.add_error("reason", gettext("A reason has at most %(most)s characters.") % {"most": most})

    def _amount(self, name: str) -> int:
        if not self.cleaned_data[name].strip() and not self.fields[name].required:
            return UNLIMITED.single
        try:
            minor = parse(self.cleaned_data[name], self.currency, current_locale()).minor
        except AmountMalformed as malformed:
            raise forms.ValidationError(in_words(str(malformed))) from None
        if minor < 0:
            raise forms.ValidationError(gettext("A limit is zero or more."))
        return minor
